import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, type AsyncRouteComponent } from '@tanstack/react-router'
import { LoginPage } from '@/features/auth/login-page.tsx'
import { wantCatalog } from '@/lib/locale.ts'
import type { EntryFilter } from '@/lib/queries.ts'
import { parseSearch, readSearch, stringifySearch, type RawSearch } from '@/lib/search.ts'
import { session } from '@/lib/session.ts'
import { FailedPage, MissingPage } from './failed-page.tsx'
import { HomeRoute } from './home-route.tsx'
import { Root } from './root.tsx'
import { Shell } from './shell.tsx'

/** A screen that comes with its own code and its own words, when it is first asked for. */
function page<M extends Record<string, unknown>>(
  catalog: string,
  load: () => Promise<M>,
  name: keyof M & string,
): AsyncRouteComponent<object> {
  const loadAll = async () => {
    const [module] = await Promise.all([load(), wantCatalog(catalog)])
    return module as Record<string, React.ComponentType>
  }
  return lazyRouteComponent(loadAll, name)
}

const RANGES = ['week', 'month', 'quarter', 'year'] as const
type RangeName = (typeof RANGES)[number]

const rootRoute = createRootRoute({ component: Root, notFoundComponent: MissingPage })

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: session.status() === 'out' ? '/login' : '/home', replace: true })
  },
})

const nextSearch = (search: RawSearch): { next?: string | undefined } => ({ next: readSearch.path(search['next']) })

async function onlySignedOut({ search }: { search: { next?: string | undefined } }) {
  if ((await session.ready()) === 'in') throw redirect({ href: search.next ?? '/home', replace: true })
}

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: nextSearch,
  beforeLoad: onlySignedOut,
  component: LoginPage,
})

const registerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/register',
  validateSearch: nextSearch,
  beforeLoad: onlySignedOut,
  component: page('app', () => import('@/features/auth/register-page.tsx'), 'RegisterPage'),
})

const payRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pay/$token',
  component: page('pay', () => import('@/features/pay/pay-page.tsx'), 'PayPage'),
})

const docsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/docs',
  component: page('reference', () => import('@/features/reference/reference-page.tsx'), 'ReferencePage'),
})

/**
 * Everything below needs somebody signed in; who is not goes to /login and comes back. Who may be is drawn
 * at once, without data: nothing comes before the session is known, and its end decides this anew.
 */
const signedIn = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: ({ location }) => {
    void session.ready()
    if (session.status() === 'out') {
      throw redirect({ to: '/login', search: { next: session.wasLeft() || location.href === '/home' ? undefined : location.href }, replace: true })
    }
  },
})

/** The pages with the tabs. */
const tabs = createRoute({ getParentRoute: () => signedIn, id: 'tabs', component: Shell })

const homeRoute = createRoute({ getParentRoute: () => tabs, path: '/home', component: HomeRoute })

const activityRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/activity',
  validateSearch: (search: RawSearch): EntryFilter => ({
    q: readSearch.text(search['q'], 100),
    direction: readSearch.oneOf(search['direction'], ['in', 'out'] as const),
    kind: readSearch.oneOf(search['kind'], ['transfer', 'topup', 'reversal'] as const),
    from: readSearch.day(search['from']),
    to: readSearch.day(search['to']),
  }),
  component: page('activity', () => import('@/features/activity/activity-page.tsx'), 'ActivityPage'),
})

const insightsRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/insights',
  validateSearch: (search: RawSearch): { range?: RangeName | undefined } => ({
    range: readSearch.oneOf(search['range'], RANGES),
  }),
  component: page('insights', () => import('@/features/insights/insights-page.tsx'), 'InsightsPage'),
})

const inboxRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/inbox',
  component: page('inbox', () => import('@/features/inbox/inbox-page.tsx'), 'InboxPage'),
})

const accountRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/account',
  component: page('account', () => import('@/features/account/account-page.tsx'), 'AccountPage'),
})

const sessionsRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/account/sessions',
  component: page('account', () => import('@/features/account/sessions-page.tsx'), 'SessionsPage'),
})

const notificationsRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/account/notifications',
  component: page('account', () => import('@/features/account/notifications-page.tsx'), 'NotificationsPage'),
})

const statementsRoute = createRoute({
  getParentRoute: () => tabs,
  path: '/statements',
  validateSearch: (search: RawSearch): { from?: string | undefined; to?: string | undefined } => ({ from: readSearch.day(search['from']), to: readSearch.day(search['to']) }),
  component: page('statements', () => import('@/features/statements/statements-page.tsx'), 'StatementsPage'),
})

interface DraftSearch {
  to?: string | undefined
  amount?: number | undefined
  note?: string | undefined
}

const draftSearch = (search: RawSearch): DraftSearch => ({
  to: readSearch.account(search['to']),
  amount: readSearch.amount(search['amount']),
  note: readSearch.text(search['note']),
})

const amountSearch = (search: RawSearch): { amount?: number | undefined } => ({ amount: readSearch.amount(search['amount']) })

const sendRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/send',
  validateSearch: draftSearch,
  component: page('send', () => import('@/features/send/send-page.tsx'), 'SendPage'),
})

const reviewRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/send/review',
  validateSearch: (search: RawSearch): DraftSearch & { id?: string | undefined } => ({
    ...draftSearch(search),
    id: readSearch.id(search['id']),
  }),
  component: page('send', () => import('@/features/send/review-page.tsx'), 'ReviewPage'),
})

const receiptRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/tx/$id',
  component: page('receipt', () => import('@/features/receipt/receipt-page.tsx'), 'ReceiptPage'),
})

const topUpRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/topup',
  validateSearch: amountSearch,
  component: page('topup', () => import('@/features/topup/topup-page.tsx'), 'TopUpPage'),
})

const topUpCodeRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/topup/$id',
  component: page('topup', () => import('@/features/topup/topup-code-page.tsx'), 'TopUpCodePage'),
})

const scanRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/scan',
  component: page('scan', () => import('@/features/scan/scan-page.tsx'), 'ScanPage'),
})

const receiveRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/receive',
  validateSearch: amountSearch,
  component: page('receive', () => import('@/features/receive/receive-page.tsx'), 'ReceivePage'),
})

const routeTree = rootRoute.addChildren([
  indexRoute,
  loginRoute,
  registerRoute,
  payRoute,
  docsRoute,
  signedIn.addChildren([
    tabs.addChildren([homeRoute, activityRoute, insightsRoute, inboxRoute, accountRoute, sessionsRoute, notificationsRoute, statementsRoute]),
    sendRoute,
    reviewRoute,
    receiptRoute,
    topUpRoute,
    topUpCodeRoute,
    scanRoute,
    receiveRoute,
  ]),
])

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPreload: 'intent',
  defaultErrorComponent: FailedPage,
  defaultNotFoundComponent: MissingPage,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
