// The console's page: asks /__dev/api once a second while it can be seen, and shows what it hears.

import { ask, byId, cell, row } from '/__dev/asking.js'

const REFRESH_MS = 1000
const LINES_MAX = 200
const BANK = ['topup.paid', 'topup.declined', 'topup.duplicate', 'topup.late', 'topup.after-expiry', 'topup.wrong-amount', 'topup.forged']
const rupiah = new Intl.NumberFormat('id-ID')
let lastRequest = 0
let clockSeconds = 0

function button(text, action) {
  const element = document.createElement('button')
  element.textContent = text
  element.addEventListener('click', action)
  return element
}

function yes(value) {
  return cell(value ? 'yes' : 'no', value ? 'good' : 'bad')
}

function say(value) {
  byId('said').textContent = typeof value === 'string' ? value : JSON.stringify(value, null, 1)
}

function partRow(part) {
  const disturb = document.createElement('td')
  for (const action of ['kill', 'pause', 'resume']) {
    disturb.append(button(action, async () => say(await ask(`parts/${part.name}`, { action }))))
  }
  const answered = part.answer_ms === null ? 'listens' : `${part.answer_ms} ms`
  const answer = part.answers ? answered : 'no answer'
  return row(cell(part.name), cell(answer, part.answers ? 'good' : 'bad'), cell(`${part.memory_mib} MiB`), cell(part.url.replace(/.*:/, ':')), disturb)
}

async function showParts() {
  // Buttons under a pointer must not be replaced between press and release.
  if (byId('parts').matches(':active, :focus-within')) return
  byId('parts').replaceChildren(...(await ask('health')).map(partRow))
}

async function showBooks() {
  const books = await ask('books')
  const events = books.transfers + books.top_ups + books.reversals
  const agrees = books.entries_sum === 0 && books.balances_sum === 0
  byId('books-line').textContent = `Σ entries = ${books.entries_sum} · ${events} movements · ${books.warehouse_events ?? '?'} in the warehouse`
  byId('books-line').className = agrees ? 'good' : 'bad'
  byId('books').replaceChildren(
    ...Object.entries(books).flatMap(([name, value]) => {
      const term = document.createElement('dt')
      const figure = document.createElement('dd')
      term.textContent = name.replaceAll('_', ' ')
      figure.textContent = value === null ? 'no answer' : rupiah.format(value)
      return [term, figure]
    }),
  )
}

async function showStream() {
  const events = await ask('stream')
  byId('stream').replaceChildren(
    ...events.map((event) =>
      row(cell(event.posted_at.slice(0, 19)), cell(event.kind), cell(rupiah.format(event.amount)),
        cell(event.in_outbox ? 'waits' : 'left'), yes(event.is_published), yes(event.in_warehouse)),
    ),
  )
}

async function showRequests() {
  const lines = await ask(`requests?since=${lastRequest}`)
  for (const line of lines) {
    lastRequest = line.number
    const time = new Date(line.at * 1000).toLocaleTimeString('id-ID')
    byId('requests').prepend(
      row(cell(time), cell(`${line.method} ${line.path}`), cell(line.operation), cell(line.status, line.status < 400 ? 'good' : 'bad'),
        cell(line.duration_ms), cell(line.request_id)),
    )
  }
  while (byId('requests').childElementCount > LINES_MAX) byId('requests').lastElementChild.remove()
}

function spanRow(span) {
  const bar = document.createElement('meter')
  bar.max = 1000
  bar.value = Math.round(span.share * 1000)
  bar.style.marginInlineStart = `${Math.round(span.offset * 160)}px`
  const where = document.createElement('td')
  where.append(bar)
  return row(cell(`${'· '.repeat(span.depth)}${span.part}`), cell(span.name, span.is_failed ? 'bad' : ''), cell(`${span.ms} ms`), where)
}

function traceBox(trace) {
  const box = document.createElement('details')
  const line = document.createElement('summary')
  const table = document.createElement('table')
  line.textContent = `${new Date(trace.at * 1000).toLocaleTimeString('id-ID')} · ${trace.name} · ${trace.ms} ms · ${trace.id}`
  table.append(...trace.spans.map(spanRow))
  box.append(line, table)
  return box
}

async function showTraces() {
  // What is open is being read: it stays.
  if (byId('traces').querySelector('details[open]')) return
  byId('traces').replaceChildren(...(await ask('traces')).map(traceBox))
}

async function showSwitches() {
  const switches = await ask('switches')
  clockSeconds = switches.clock_seconds
  byId('clock').textContent = clockSeconds === 0 ? 'is right' : `is moved by ${rupiah.format(clockSeconds)} s`
  const on = [switches.answers_to_drop && `${switches.answers_to_drop} answer to drop`, switches.database_is_slow && 'slow database']
  byId('failures').textContent = on.filter(Boolean).join(', ') || 'none'
}

async function refresh() {
  if (!document.hidden) {
    const shown = await Promise.allSettled([showParts(), showBooks(), showStream(), showRequests(), showTraces(), showSwitches()])
    if (shown.every((part) => part.status === 'rejected')) say('The gateway does not answer.')
  }
  setTimeout(refresh, REFRESH_MS)
}

for (const event of BANK) {
  byId('bank').append(button(event, async () => say((await ask('bank', { event, id: byId('top-up').value.trim() })).output)))
}
for (const element of document.querySelectorAll('[data-clock]')) {
  const by = element.dataset.clock
  element.addEventListener('click', async () => say(await ask('clock', { seconds: by === 'reset' ? 0 : clockSeconds + Number(by) })))
}
for (const element of document.querySelectorAll('[data-switch]')) {
  element.addEventListener('click', async () => say(await ask('switches', JSON.parse(element.dataset.switch))))
}
for (const element of document.querySelectorAll('[data-job]')) {
  element.addEventListener('click', async () => {
    say(`${element.textContent}: at work, for up to a minute …`)
    say(await ask(`jobs/${element.dataset.job}`, {}))
  })
}
refresh()
