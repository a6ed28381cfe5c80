(function () {
  var root = document.documentElement
  var theme = null
  var locale = null
  try {
    theme = localStorage.getItem('ewl.theme')
    locale = localStorage.getItem('ewl.locale')
  } catch (_) {}
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  }
  if (locale !== 'id' && locale !== 'en') {
    locale = /^en\b/i.test(navigator.language) ? 'en' : 'id'
  }
  root.dataset.theme = theme
  root.lang = locale
})()
