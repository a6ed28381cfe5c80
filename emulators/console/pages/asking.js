// What the console's pages share: asking /__dev/api, and cells of tables.

export async function ask(path, body) {
  const options = body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(`/__dev/api/${path}`, options)
  return answer.json()
}

export function byId(id) {
  return document.getElementById(id)
}

export function cell(text, className = '') {
  const element = document.createElement('td')
  element.textContent = text
  element.className = className
  return element
}

export function row(...cells) {
  const element = document.createElement('tr')
  element.append(...cells)
  return element
}
