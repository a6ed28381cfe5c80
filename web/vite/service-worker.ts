import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'vite'

/**
 * Writes /sw.js from src/app/service-worker.js with the list of files that the
 * shell needs offline. The version is a hash of that list: a new build is a new
 * worker, and an unchanged build is not. It comes after every other plugin: Vite drops
 * an empty entry at the end, and a list with one missing file installs nothing.
 */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const files = Object.keys(bundle)
          .filter((name) => /\.(js|css|woff2)$/.test(name))
          .map((name) => `/${name}`)
          .sort()
        const source = await readFile(new URL('../src/app/service-worker.js', import.meta.url), 'utf8')
        const version = createHash('sha256').update(source).update(files.join()).digest('hex').slice(0, 12)
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: source.replace("'__VERSION__'", `'${version}'`).replace("['__FILES__']", JSON.stringify(files)),
        })
      },
    },
  }
}
