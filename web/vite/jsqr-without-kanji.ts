import type { Plugin } from 'vite'

/**
 * Takes the table of Shift JIS out of jsQR: 7,000 lines for the one mode of a QR code in which
 * no payment code is ever written. A code in that mode is read as damaged instead.
 */
export function jsqrWithoutKanji(): Plugin {
  const table = /exports\.shiftJISTable = \{[^}]*\};/
  return {
    name: 'jsqr-without-kanji',
    apply: 'build',
    transform(code, id) {
      if (!/jsqr\/dist\/jsQR\.js$/.test(id)) return null
      if (!table.test(code)) throw new Error('jsQR holds its table otherwise now: look at this plugin again')
      return { code: code.replace(table, 'exports.shiftJISTable = {};'), map: null }
    },
  }
}
