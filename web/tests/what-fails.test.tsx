/** What cannot be asked for says so, and is never mistaken for what is not there. */
import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { ME, openApp, WALLET } from './app.tsx'

const AWAY = 'Our service is not reachable right now. This is our fault, not yours; please try again.'

const section = async (title: string) => within((await screen.findByRole('heading', { name: title })).closest('section')!)

it('a balance that was never heard is a dash with the reason, and no waiting for ever', async () => {
  await openApp('/home', { 'GET /v1/wallet': 503 })
  await vi.waitFor(() => expect(screen.getByTestId('balance')).toHaveTextContent('—'))
  expect(screen.getByText(AWAY)).toBeVisible()
})

it('the latest movements say so, and can be asked for again', async () => {
  let away = true
  await openApp('/home', { 'GET /v1/wallet/entries': () => (away ? 503 : { items: [], next_cursor: null }) })
  const latest = await section('Latest')
  expect(await latest.findByRole('alert')).toHaveTextContent(AWAY)
  away = false
  await userEvent.click(latest.getByRole('button', { name: 'Try again' }))
  expect(await latest.findByText('Nothing has moved yet')).toBeVisible()
})

it('the people of old are not said to be none', async () => {
  await openApp('/home', { 'GET /v1/wallet/recipients': 503 })
  expect(await screen.findByText(AWAY)).toBeVisible()
  expect(screen.queryByText('Whom you pay stands here for the next time.')).toBeNull()
})

it.each(['/receive', '/account'])('a name that is away is asked for again by a tap (%s)', async (path) => {
  let away = true
  await openApp(path, { 'GET /v1/me': () => (away ? 503 : ME) })
  await screen.findByText(AWAY)
  away = false
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('Dewi Lestari')).toBeVisible()
  expect(screen.queryByText(AWAY)).toBeNull()
})

it('a number that cannot be looked up is looked up again by a tap', async () => {
  let away = true
  await openApp('/send', { 'GET /v1/accounts/576174676428': () => (away ? 503 : { account_number: '576174676428', name: 'Budi Santoso', is_self: false, first_time: true }) })
  await userEvent.type(await screen.findByLabelText('Account number or name'), '576174676428')
  await screen.findByText(AWAY)
  away = false
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('Budi Santoso')).toBeVisible()
})

it('a search that has found nothing yet goes on, and does not say that nothing matches', async () => {
  await openApp('/activity?q=Bakso', { 'GET /v1/wallet/entries': { items: [], next_cursor: 'more' } })
  expect(await screen.findByRole('button', { name: 'Show more' })).toBeVisible()
  expect(screen.queryByText('Nothing matches')).toBeNull()
})

it('the limits of a top-up say so beside the amount, which can be asked for all the same', async () => {
  await openApp('/topup', { 'GET /v1/wallet/limits': 503 })
  await vi.waitFor(() => expect(screen.getByLabelText('Amount')).toHaveAccessibleDescription(expect.stringContaining(AWAY)))
  expect(screen.getByRole('button', { name: 'Show the code' })).toBeEnabled()
})

it('a picture that cannot be made says so', async () => {
  await openApp('/receive')
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }))
  expect(await screen.findByText('The picture could not be made.')).toBeVisible()
})

it('a screen that breaks is loaded anew by a tap', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined)
  await openApp('/home', { 'GET /v1/wallet/entries': { items: [null] } })
  await userEvent.click(await screen.findByRole('button', { name: 'Try again' }))
  expect(reload).toHaveBeenCalledOnce()
})

it('a PIN that could not be checked says that nothing was sent', async () => {
  const to = WALLET.account_number
  await openApp(`/send/review?to=${to}&amount=20000&id=0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70`, {
    [`GET /v1/accounts/${to}`]: { account_number: to, name: 'Budi Santoso', is_self: false, first_time: false },
    'POST /v1/pin/proofs': 503,
  })
  await userEvent.click(await screen.findByRole('button', { name: /^Pay/ }))
  await userEvent.keyboard('246810')
  expect(await screen.findByText(/Nothing was sent\.$/)).toBeVisible()
})
