/**
 * Weighs the build, gzipped as a browser gets it, and fails above the budgets.
 *
 * Initial scripts are what a first visit to /login and /home runs: the entry, all that
 * it imports, and one language's words.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const KIB = 1024
const BUDGETS = { initialScript: 115, style: 10, font: 30, firstLoad: 160, lazyRoute: 20, scanner: 50 }

const dist = new URL('../dist/', import.meta.url)
const assets = readdirSync(new URL('assets/', dist)).filter((name) => !/\.(br|gz)$/.test(name))
const size = (path) => {
  const file = new URL(path, dist)
  const zipped = new URL(`${path}.gz`, dist)
  if (path.endsWith('.woff2')) return statSync(file).size
  return existsSync(zipped) ? statSync(zipped).size : gzipSync(readFileSync(file), { level: 9 }).length
}

const source = (name) => readFileSync(new URL(`assets/${name}`, dist), 'utf8')
/** The modules that `name` imports at once, itself included. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, other] of source(name).matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) closure(other, seen)
  return seen
}

const html = readFileSync(new URL('index.html', dist), 'utf8')
const initial = new Set()
for (const [, entry] of html.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.js)"/g)) closure(entry, initial)
const words = Math.max(...assets.filter((name) => /^app-.*\.js$/.test(name)).map((name) => size(`assets/${name}`)))
const initialScript = [...initial].reduce((sum, name) => sum + size(`assets/${name}`), 0) + words + size('theme.js')
const style = assets.filter((name) => name.endsWith('.css')).reduce((sum, name) => sum + size(`assets/${name}`), 0)
const fonts = assets.filter((name) => name.endsWith('.woff2')).map((name) => size(`assets/${name}`))
const firstLoad = initialScript + style + Math.max(...fonts) + size('index.html') + size('icon.svg')

const lines = [
  ['initial script', initialScript, BUDGETS.initialScript],
  ['style', style, BUDGETS.style],
  ...fonts.map((bytes) => ['font file', bytes, BUDGETS.font]),
  ['first load', firstLoad, BUDGETS.firstLoad],
]
const routes = assets.filter((name) => /-page-.*\.js$/.test(name)).map((name) => {
  const own = [...closure(name)].filter((part) => !initial.has(part))
  return [`route ${name.replace(/-page-.*/, '')}`, own.reduce((sum, part) => sum + size(`assets/${part}`), 0), BUDGETS.lazyRoute]
})
const worker = assets.find((name) => /worker/.test(name) && name.endsWith('.js'))
const scanPage = routes.find(([name]) => name === 'route scan')
// The page and the worker behind it: both are fetched before the first look.
lines.push(...routes, ['scanner', scanPage[1] + size(`assets/${worker}`), BUDGETS.scanner])

let over = fonts.length > 1
for (const [name, bytes, budget] of lines) {
  const tooMuch = bytes > budget * KIB
  over ||= tooMuch
  console.log(`${tooMuch ? 'OVER' : ' ok '}  ${name.padEnd(22)} ${(bytes / KIB).toFixed(1).padStart(7)} KiB of ${budget}`)
}
process.exit(over ? 1 : 0)
