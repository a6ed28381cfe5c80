/** My code as a picture to send or to print. */
import { encode } from 'uqr'
import { toPng } from '@/lib/share.ts'

const WIDTH = 1080
const CODE = 760
const FAMILY = "'Plus Jakarta Sans', system-ui, sans-serif"

interface Poster {
  payload: string
  name: string
  number: string
  amount: string | null
}

export async function drawPoster({ payload, name, number, amount }: Poster): Promise<Blob> {
  await document.fonts.ready
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = amount === null ? 1330 : 1430
  const pen = canvas.getContext('2d')!
  const ground = pen.createLinearGradient(0, 0, WIDTH, canvas.height)
  ground.addColorStop(0, '#273c85')
  ground.addColorStop(1, '#1a2357')
  pen.fillStyle = ground
  pen.fillRect(0, 0, WIDTH, canvas.height)
  pen.textAlign = 'center'
  write(pen, 'E-Wallet Lite', 110, `800 48px ${FAMILY}`)
  write(pen, name, 210, `700 52px ${FAMILY}`)
  write(pen, number, 280, `500 40px ${FAMILY}`)
  drawCode(pen, payload, (WIDTH - CODE) / 2, 350)
  if (amount !== null) write(pen, amount, 1240, `800 76px ${FAMILY}`)
  write(pen, 'Pindai dengan E-Wallet Lite · Scan with E-Wallet Lite', canvas.height - 70, `500 30px ${FAMILY}`)
  return toPng(canvas)
}

function write(pen: CanvasRenderingContext2D, text: string, y: number, font: string) {
  pen.fillStyle = '#fdfcf9'
  pen.font = font
  pen.fillText(text, WIDTH / 2, y, WIDTH - 120)
}

function drawCode(pen: CanvasRenderingContext2D, payload: string, x: number, y: number) {
  const { data, size } = encode(payload, { border: 4, ecc: 'M' })
  const module = CODE / size
  pen.fillStyle = '#fff'
  pen.beginPath()
  pen.roundRect(x, y, CODE, CODE, 40)
  pen.fill()
  pen.fillStyle = '#131a2d'
  data.forEach((row, rowIndex) =>
    row.forEach((dark, column) => dark && pen.fillRect(x + column * module, y + rowIndex * module, Math.ceil(module), Math.ceil(module))),
  )
}
