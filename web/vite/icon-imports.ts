import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Turns `import { House } from 'lucide-react'` into an import of that icon's own file.
 * Through the package's index every icon of every screen would count as reachable from
 * the first load.
 */
export function iconImports(): Plugin {
  const folder = join(dirname(createRequire(import.meta.url).resolve('lucide-react/package.json')), 'dist/esm')
  const files = new Map<string, string>()
  for (const [, names, file] of readFileSync(join(folder, 'lucide-react.mjs'), 'utf8').matchAll(/export \{([^}]+)\} from '\.\/(icons\/[^']+)'/g)) {
    for (const [, name] of names!.matchAll(/default as (\w+)/g)) files.set(name!, join(folder, file!))
  }
  return {
    name: 'icon-imports',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.tsx') || !code.includes("'lucide-react'")) return null
      return { code: code.replace(/import \{([^}]+)\} from 'lucide-react'/, (_, names: string) => imports(names, files)), map: null }
    },
  }
}

function imports(names: string, files: Map<string, string>): string {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => {
      const file = files.get(name)
      if (file === undefined) throw new Error(`lucide-react has no icon ${name}`)
      return `import ${name} from '${file}'`
    })
    .join('; ')
}
