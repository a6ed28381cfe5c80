import type { Plugin } from 'vite'

/**
 * The router marks a rendered page with an empty <script>, which React can only make
 * through innerHTML, and our Trusted Types policy forbids that. A <template> is as
 * invisible and as good a marker.
 */
export function routerMarker(): Plugin {
  return {
    name: 'router-marker',
    apply: 'build',
    transform(code, id) {
      if (!/react-router\/dist\/esm\/Match\.js$/.test(id)) return null
      if (!code.includes('"script"')) throw new Error('the router makes its marker otherwise now: take this plugin away')
      return { code: code.replace('"script"', '"template"'), map: null }
    },
  }
}
