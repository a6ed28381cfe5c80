/**
 * The one Trusted Types policy: addresses of our own scripts. The content security
 * policy allows no other, so a worker can be started from here and nowhere else.
 */
const OWN_SCRIPT = /^\/(?:sw\.js|assets\/[\w.-]+\.js)$/

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL: (url: string) => string }
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
const policy = factory?.createPolicy('ewl', { createScriptURL: ownScript })

function ownScript(url: string): string {
  const { origin, pathname } = new URL(url, location.href)
  if (origin !== location.origin || !(OWN_SCRIPT.test(pathname) || import.meta.env.DEV)) throw new TypeError('not a script of ours')
  return pathname
}

export function scriptUrl(url: string): string {
  return policy ? policy.createScriptURL(url) : ownScript(url)
}
