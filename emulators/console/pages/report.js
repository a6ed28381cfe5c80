// What the reconciliation has found: the last report of each pass, and buttons that run one now.

import { ask, byId, cell, row } from '/__dev/asking.js'

const TITLES = { full: 'Full proof', nightly: 'Nightly check', repair: 'Repair' }
const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

function element(name, text, className = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

function table(headings, rows) {
  const made = document.createElement('table')
  const head = document.createElement('thead')
  const body = document.createElement('tbody')
  head.append(row(...headings.map((heading) => element('th', heading))))
  body.append(...rows)
  made.append(head, body)
  return made
}

function spoken(name) {
  return name.replaceAll('_', ' ')
}

function promiseRow(promise) {
  const repaired = promise.count - promise.unrepaired
  const found = [promise.unrepaired && `${promise.unrepaired} broken`, repaired && `${repaired} repaired`].filter(Boolean).join(', ')
  const holds = promise.unrepaired === 0
  return row(cell(holds ? 'holds' : 'broken', holds ? 'good' : 'bad'), cell(spoken(promise.promise), 'text'), cell(found || '–'), cell(`${promise.duration_ms} ms`))
}

function findingRow(promise, finding) {
  return row(cell(spoken(promise.promise), 'text'), cell(finding.subject, 'text'), cell(finding.expected, 'text'), cell(finding.found, 'text'),
    cell(finding.repaired ?? 'no', finding.repaired ? 'good' : 'bad'))
}

function reportBox(kind, kept) {
  const box = document.createElement('section')
  box.append(element('h2', TITLES[kind]))
  if (!kept) {
    box.append(element('p', 'Has not run yet.'))
    return box
  }
  const { report, kept_at } = kept
  const span = `${when.format(new Date(report.since))} to ${when.format(new Date(report.until))}`
  box.append(element('p', report.agrees ? 'The books agree.' : 'The books do not agree.', report.agrees ? 'good' : 'bad'))
  box.append(element('p', `Ran ${when.format(new Date(kept_at))}; looked at ${span}.`))
  box.append(table(['', 'Promise', 'Found', 'Took'], report.promises.map(promiseRow)))
  const findings = report.promises.flatMap((promise) => promise.findings.map((finding) => findingRow(promise, finding)))
  if (findings.length > 0) {
    box.append(element('h3', 'Findings'), table(['Promise', 'What', 'Must be', 'Is', 'Repaired'], findings))
  }
  return box
}

async function show() {
  const kept = await ask('reports')
  // The newer of the two proofs counts; a repair looks at too little to outweigh one.
  const [proof] = [kept.full, kept.nightly].filter(Boolean).sort((one, other) => other.kept_at.localeCompare(one.kept_at))
  const counted = [proof, kept.repair].filter(Boolean)
  const agrees = counted.every((one) => one.report.agrees)
  byId('verdict').textContent = counted.length === 0 ? '' : agrees ? 'The books agree.' : 'The books do not agree.'
  byId('verdict').className = agrees ? 'good' : 'bad'
  byId('reports').replaceChildren(...Object.keys(TITLES).map((kind) => reportBox(kind, kept[kind])))
}

async function run(kind) {
  const buttons = [...document.querySelectorAll('[data-kind]')]
  for (const button of buttons) button.disabled = true
  byId('running').textContent = `${TITLES[kind]} is running …`
  try {
    const report = await ask(`reports/${kind}`, {})
    if (report.promises) await show()
    byId('running').textContent = report.promises ? `${TITLES[kind]} is done.` : `${TITLES[kind]} gave no report: ${report.title ?? report.error}`
  } catch {
    byId('running').textContent = 'The gateway or the reconciliation does not answer.'
  }
  for (const button of buttons) button.disabled = false
}

for (const button of document.querySelectorAll('[data-kind]')) {
  button.addEventListener('click', () => run(button.dataset.kind))
}
show().catch(() => { byId('running').textContent = 'The reports cannot be had at the moment.' })
