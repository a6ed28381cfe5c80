/** What the payer of a top-up is told is the server's truth, also when an answer is lost or the code ends. */
import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { openApp } from './app.tsx'

const PAGE = { payee_name: 'Dewi Lestari', amount: 25_000, status: 'pending', expires_at: new Date(Date.now() + 900_000).toISOString() }

it('a lost yes is found out by asking again, not told as a failure that stays', async () => {
  let status = 'pending'
  await openApp('/pay/token', {
    'GET /v1/pay/token': () => ({ ...PAGE, status }),
    'POST /v1/pay/token': () => {
      status = 'settled'
      throw new TypeError('Failed to fetch')
    },
  })
  await userEvent.click(await screen.findByRole('button', { name: /^Pay / }))
  expect(await screen.findByRole('heading', { name: 'Paid' })).toBeVisible()
})

it('the code is looked at again when it ends, and not before', async () => {
  let looks = 0
  const expires_at = new Date(Date.now() + 1_500).toISOString()
  await openApp('/pay/token', { 'GET /v1/pay/token': () => ({ ...PAGE, expires_at, status: ++looks === 1 ? 'pending' : 'expired' }) })
  await screen.findByRole('button', { name: /^Pay / })
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(looks).toBe(1)
  await vi.waitFor(() => expect(screen.getByRole('heading', { name: 'The code has expired' })).toBeVisible(), 3_000)
})

it('leads home whoever has a wallet here, once there is nothing to decide', async () => {
  await openApp('/pay/token', { 'GET /v1/pay/token': { ...PAGE, status: 'settled' } })
  expect(await screen.findByRole('link', { name: 'Back to home' })).toBeVisible()
})

it('leads nobody else anywhere', async () => {
  await openApp('/pay/token', { 'GET /v1/pay/token': { ...PAGE, status: 'settled' } }, { signedIn: false })
  await screen.findByRole('heading', { name: 'Paid' })
  expect(screen.queryByRole('link', { name: 'Back to home' })).toBeNull()
})
