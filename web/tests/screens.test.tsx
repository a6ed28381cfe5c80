/** What screens must not say or lose, each opened in the whole app. */
import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { drawReceipt } from '@/features/receipt/receipt-image.ts'
import { GRANTED, openApp, WALLET } from './app.tsx'

vi.mock('@/features/receipt/receipt-image.ts', () => ({ drawReceipt: vi.fn(() => Promise.resolve(new Blob())) }))

const ID = '0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70'
const BUDI = { account_number: '576174676428', name: 'Budi Santoso', is_self: false, first_time: false, favourite: false }
const SUMMARY = { as_of: null, totals: { in_amount: 77_000, in_count: 0, out_amount: 0, out_count: 0 }, by_kind: [], series: [], counterparties: [] }

it('the focus follows the sign-in to the heading of the next screen', async () => {
  await openApp('/login', { 'POST /v1/sessions': GRANTED }, { signedIn: false })
  await userEvent.type(await screen.findByLabelText('Username'), 'dewi')
  await userEvent.type(screen.getByLabelText('Password'), 'rahasia sekali')
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }))
  const heading = await screen.findByRole('heading', { level: 1, name: 'Hello, Dewi' })
  expect(heading).toHaveFocus()
})

it.each([`/send?to=${BUDI.account_number}`, `/send/review?to=${BUDI.account_number}&amount=1000`])('a balance that cannot be asked for says its time before it is spent (%s)', async (path) => {
  const answers = { 'GET /v1/wallet': 503, [`GET /v1/accounts/${BUDI.account_number}`]: BUDI }
  await openApp(path, answers, { stored: { 'last-wallet': { wallet: WALLET, at: Date.parse('2026-11-01T03:00:00Z') } } })
  expect(await screen.findByText(/As of 1 Nov 2026, 10:00 WIB/)).toBeVisible()
})

it("one period's money never stands under another's name", async () => {
  let asks = 0
  await openApp('/insights?range=month', {
    'GET /v1/analytics/summary': () => (++asks <= 2 ? SUMMARY : new Promise<object>(() => undefined)),
  })
  expect(await screen.findAllByText(/77,000/)).not.toHaveLength(0)
  await userEvent.click(screen.getByRole('radio', { name: '7 days' }))
  await vi.waitFor(() => expect(asks).toBeGreaterThan(2))
  expect(screen.queryByText(/77,000/)).toBeNull()
})

it('the picture of a receipt goes to others, and leaves out what is left in the wallet', async () => {
  await openApp(`/tx/${ID}`, {
    [`GET /v1/transfers/${ID}`]: {
      id: ID, kind: 'transfer', amount: 20_000, from_account: '576174676428', to_account: '576174676428', counterparty_name: 'Budi Santoso', note: '',
      balance_after: 31_313, posted_at: '2026-11-22T08:30:00Z', direction: 'out', reverses_id: null, reversed_by_id: null,
    },
  })
  expect(await screen.findByText(/31,313/)).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(drawReceipt).toHaveBeenCalledOnce()
  expect(JSON.stringify(vi.mocked(drawReceipt).mock.calls)).not.toContain('31,313')
})

it('a range of days of another year says which', async () => {
  await openApp('/activity?from=2024-02-01&to=2024-02-29')
  const chip = await screen.findByRole('button', { name: /–/ })
  expect(within(chip).getByText('1 February 2024 – 29 February 2024')).toBeVisible()
})

it.each([
  ['from=2026-01-31&to=2026-01-01', 'From', 'The first day must not be after the last.'],
  ['from=2026-01-01&to=2999-01-01', 'To', 'This day is yet to come.'],
])("a statement's range that is none is refused at its field, and not asked for (%s)", async (range, label, sentence) => {
  let asked = false
  await openApp(`/statements?${range}`, { 'GET /v1/wallet/statement': () => ((asked = true), 503) })
  expect(await screen.findByLabelText(label)).toHaveAccessibleDescription(sentence)
  expect(screen.getByLabelText(label)).toBeInvalid()
  expect(asked).toBe(false)
})
