// Runs before the first paint, so that the page never flashes in the wrong theme
// or announces the wrong language. It stands in a file of its own because the
// content security policy allows no inline script.
(function () {
  var root = document.documentElement
  var theme = null
  var locale = null
  try {
    theme = localStorage.getItem('ewl.theme')
    locale = localStorage.getItem('ewl.locale')
  } catch (_) {
    // Storage may be closed; the system's theme and language decide then.
  }
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  }
  if (locale !== 'id' && locale !== 'en') {
    locale = /^en\b/i.test(navigator.language) ? 'en' : 'id'
  }
  root.dataset.theme = theme
  root.lang = locale
})()
