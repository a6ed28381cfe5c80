/**
 * Lighthouse (mobile, its own throttling) of a screen of the running local system, three times, and the median.
 *
 *     (cd /tmp/lh && npm i lighthouse@12 puppeteer-core)      they are no dependency of the app
 *     node scripts/lighthouse.mjs /tmp/lh http://localhost:8080 /home
 *
 * Every run begins as a first visit: no file is kept. Where a screen needs a session, `dewi` of the seed has
 * signed in before, and only her cookie and the mark beside it stay.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [folder, base, path] = process.argv.slice(2)
const RUNS = 3
const CATEGORIES = ['performance', 'accessibility', 'best-practices']
const AUDITS = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift']

const installed = createRequire(`${folder}/package.json`)
const load = async (name) => (await import(pathToFileURL(installed.resolve(name)).href)).default
const [lighthouse, puppeteer] = await Promise.all(['lighthouse', 'puppeteer-core'].map(load))

const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless=new', '--no-sandbox', '--disable-gpu'] })
const port = Number(new URL(browser.wsEndpoint()).port)

async function signIn() {
  const page = await browser.newPage()
  await page.goto(`${base}/login`)
  await (await page.waitForSelector('input[name=username]')).type('dewi')
  await page.type('input[name=password]', 'demo-wallet-2026')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-testid=balance]')
  await page.close()
}

async function forgetFiles() {
  const page = await browser.newPage()
  const client = await page.createCDPSession()
  await client.send('Network.clearBrowserCache')
  await client.send('Storage.clearDataForOrigin', { origin: base, storageTypes: 'service_workers,cache_storage' })
  await page.close()
}

async function look() {
  await forgetFiles()
  const { lhr } = await lighthouse(base + path, { port, disableStorageReset: true, onlyCategories: CATEGORIES, logLevel: 'error' })
  const scores = CATEGORIES.map((name) => Math.round(lhr.categories[name].score * 100))
  console.log(path, ...scores, ...AUDITS.map((name) => lhr.audits[name].displayValue), 'speed of the machine', Math.round(lhr.environment.benchmarkIndex))
  return scores
}

if (path !== '/login' && path !== '/register') await signIn()
const runs = []
for (let run = 0; run < RUNS; run++) runs.push(await look())
await browser.close()
const median = (values) => values.sort((a, b) => a - b)[Math.floor(RUNS / 2)]
console.log('median', ...CATEGORIES.map((name, place) => `${name} ${median(runs.map((scores) => scores[place]))}`))
