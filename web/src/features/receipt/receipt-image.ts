/** The receipt as an image, drawn by hand: light, legible, and with every line of the screen that is not its owner's alone. */
import { toPng } from '@/lib/share.ts'
import type { Line } from './receipt-lines.ts'

const WIDTH = 1080
const MARGIN = 88
const LINE_HEIGHT = 44
const INK = '#131a2d'
const INK3 = '#5c6374'
const FAMILY = "'Plus Jakarta Sans', system-ui, sans-serif"

interface Content {
  title: string
  amount: string
  words: string
  lines: Line[]
}

export async function drawReceipt({ title, amount, words, lines }: Content): Promise<Blob> {
  await document.fonts.ready
  const measure = document.createElement('canvas').getContext('2d')!
  const rows = lines.map((line) => ({ line, values: valuesOf(measure, line) }))
  const wordRows = wrap(measure, words, WIDTH - 2 * MARGIN, `400 32px ${FAMILY}`)
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = 470 + wordRows.length * LINE_HEIGHT + rows.reduce((sum, row) => sum + row.values.length * LINE_HEIGHT + 44, 0) + 120
  const pen = canvas.getContext('2d')!
  paintPaper(pen, canvas.height)
  pen.textAlign = 'center'
  write(pen, title, WIDTH / 2, 270, '#0e6c43', `600 36px ${FAMILY}`)
  write(pen, amount, WIDTH / 2, 360, INK, `800 76px ${FAMILY}`)
  wordRows.forEach((row, index) => write(pen, row, WIDTH / 2, 420 + index * LINE_HEIGHT, INK3, `400 32px ${FAMILY}`))
  paintRows(pen, rows, 470 + wordRows.length * LINE_HEIGHT)
  pen.textAlign = 'center'
  write(pen, 'E-Wallet Lite', WIDTH / 2, canvas.height - 56, INK3, `600 28px ${FAMILY}`)
  return toPng(canvas)
}

function paintPaper(pen: CanvasRenderingContext2D, height: number) {
  pen.fillStyle = '#fcfaf6'
  pen.fillRect(0, 0, WIDTH, height)
  const band = pen.createLinearGradient(0, 0, WIDTH, 150)
  band.addColorStop(0, '#273c85')
  band.addColorStop(1, '#1a2357')
  pen.fillStyle = band
  pen.fillRect(0, 0, WIDTH, 150)
  pen.textAlign = 'left'
  write(pen, 'E-Wallet Lite', MARGIN, 92, '#fdfcf9', `800 44px ${FAMILY}`)
}

function paintRows(pen: CanvasRenderingContext2D, rows: { line: Line; values: string[] }[], start: number) {
  let y = start
  for (const { line, values } of rows) {
    pen.fillStyle = '#e4dfd7'
    pen.fillRect(MARGIN, y, WIDTH - 2 * MARGIN, 2)
    pen.textAlign = 'left'
    write(pen, line.name, MARGIN, y + 56, INK3, `400 32px ${FAMILY}`)
    pen.textAlign = 'right'
    values.forEach((value, index) => write(pen, value, WIDTH - MARGIN, y + 56 + index * LINE_HEIGHT, INK, `600 32px ${FAMILY}`))
    y += values.length * LINE_HEIGHT + 44
  }
}

function valuesOf(pen: CanvasRenderingContext2D, line: Line): string[] {
  const rows = wrap(pen, line.value, WIDTH * 0.56, `600 32px ${FAMILY}`)
  return line.detail ? [...rows, line.detail] : rows
}

/** Breaks at spaces, and inside a word that is longer than the line (a reference has no spaces). */
function wrap(pen: CanvasRenderingContext2D, text: string, width: number, font: string): string[] {
  pen.font = font
  const rows: string[] = ['']
  for (const part of text.split(/(?<=[\s-])/)) {
    const last = rows.length - 1
    if (pen.measureText(rows[last]! + part).width <= width || rows[last] === '') rows[last] += part
    else rows.push(part)
  }
  return rows.map((row) => row.trim())
}

function write(pen: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string, font: string) {
  pen.fillStyle = colour
  pen.font = font
  pen.fillText(text, x, y)
}
