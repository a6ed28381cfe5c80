/** Reads a QR code: by the browser's own detector where it has one, else by jsQR in a worker. */
import workerUrl from './decoder.worker.ts?worker&url'
import { scriptUrl } from '@/lib/script-urls.ts'

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

/** Larger pictures are scaled down: a code that fills a screen needs no more. */
const SIDE_PIXELS_MAX = 1_000

export interface Decoder {
  decode(source: CanvasImageSource, width: number, height: number): Promise<string | null>
  close(): void
}

export async function openDecoder(): Promise<Decoder> {
  const native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const formats = (await native?.getSupportedFormats().catch(() => [])) ?? []
  return native && formats.includes('qr_code') ? nativeDecoder(new native({ formats: ['qr_code'] })) : workerDecoder()
}

function nativeDecoder(detector: Detector): Decoder {
  return {
    decode: async (source) => (await detector.detect(source))[0]?.rawValue ?? null,
    close: () => undefined,
  }
}

function workerDecoder(): Decoder {
  const worker = new Worker(scriptUrl(workerUrl), { type: 'module' })
  const waiting = new Map<number, { resolve: (text: string | null) => void; reject: (reason: Error) => void }>()
  let broken: Error | null = null
  const canvas = document.createElement('canvas')
  let last = 0
  worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; text: string | null }>) => {
    waiting.get(data.id)?.resolve(data.text)
    waiting.delete(data.id)
  })
  worker.addEventListener('error', () => {
    broken = new Error('no decoder')
    for (const { reject } of waiting.values()) reject(broken)
  })
  return {
    decode(source, width, height) {
      if (broken) return Promise.reject(broken)
      const image = pixelsOf(canvas, source, width, height)
      const id = ++last
      worker.postMessage({ id, pixels: image.data, width: image.width, height: image.height }, [image.data.buffer])
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    },
    close: () => worker.terminate(),
  }
}

function pixelsOf(canvas: HTMLCanvasElement, source: CanvasImageSource, width: number, height: number): ImageData {
  const scale = Math.min(1, SIDE_PIXELS_MAX / Math.max(width, height))
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(source, 0, 0, canvas.width, canvas.height)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
