/** Fails when a message was not extracted, or stands in one language only. */
import { readdirSync, readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'

const folder = new URL('../src/locales/', import.meta.url)
const read = () => ['en', 'id'].flatMap((locale) => readdirSync(new URL(`${locale}/`, folder)).sort().map((name) => [`${locale}/${name}`, readFileSync(new URL(`${locale}/${name}`, folder), 'utf8')]))

/** The date in the header changes with every run and says nothing. */
const withoutDate = (files) => JSON.stringify(files.map(([name, text]) => [name, text.replace(/^"POT-Creation-Date.*$/m, '')]))

const before = withoutDate(read())
execFileSync('npx', ['lingui', 'extract', '--clean'], { stdio: 'ignore' })
const files = read()
const problems = []
if (withoutDate(files) !== before) problems.push('catalogs were out of date; they are extracted now: translate and commit them')
for (const [name, text] of files) {
  for (const [, message] of text.matchAll(/^msgid "(.+)"\nmsgstr ""$/gm)) problems.push(`${name}: not translated: ${message}`)
}
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`messages: ${files.length} catalogs, all translated`)
