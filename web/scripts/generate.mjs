/**
 * What is made from ../openapi.yaml, by `npm run generate` before every build and
 * check: the types of the API, and the reference that /docs draws. Neither is
 * committed, so neither can be out of date.
 */
import { readFile, writeFile } from 'node:fs/promises'
import openapiTypes, { astToString } from 'openapi-typescript'
import { parse } from 'yaml'

const spec = new URL('../../openapi.yaml', import.meta.url)

const types = astToString(await openapiTypes(spec, { alphabetize: true }))
await writeFile(new URL('../src/lib/api-types.ts', import.meta.url), `/** Made from openapi.yaml by \`npm run generate\`; not edited by hand. */\n${types}`)

const reference = parse(await readFile(spec, 'utf8'))
delete reference['x-google-api-management']
await writeFile(
  new URL('../src/features/reference/openapi.generated.json', import.meta.url),
  JSON.stringify(reference),
)
