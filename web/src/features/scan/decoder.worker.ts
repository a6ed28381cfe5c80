/** Finds a QR code in a picture, away from the page's own thread. */
import jsQR from 'jsqr'

interface Question {
  id: number
  pixels: Uint8ClampedArray
  width: number
  height: number
}

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  const found = jsQR(data.pixels, data.width, data.height, { inversionAttempts: 'attemptBoth' })
  postMessage({ id: data.id, text: found?.data ?? null })
})
