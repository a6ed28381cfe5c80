/** The camera is held only while somebody looks through it, and what cannot read says so. */
import { cleanup, render, screen } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import { openDecoder } from '@/features/scan/decoder.ts'
import { useCamera } from '@/features/scan/use-camera.ts'

const opened: { stop: () => void }[] = []
let detect: () => Promise<{ rawValue: string }[]>

class Detector {
  static getSupportedFormats = () => Promise.resolve(['qr_code'])
  detect = () => detect()
}

beforeEach(() => {
  opened.length = 0
  detect = () => Promise.resolve([])
  const getUserMedia = () => {
    const track = { stop: vi.fn() }
    opened.push(track)
    return Promise.resolve({ getTracks: () => [track] })
  }
  vi.stubGlobal('navigator', Object.create(navigator, { mediaDevices: { value: { getUserMedia } } }))
  vi.stubGlobal('BarcodeDetector', Detector)
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
  vi.spyOn(HTMLMediaElement.prototype, 'srcObject', 'set').mockReturnValue()
  vi.spyOn(HTMLMediaElement.prototype, 'readyState', 'get').mockReturnValue(4)
})

function Camera({ onCode }: { onCode: (text: string) => void }) {
  const [video, state] = useCamera(onCode)
  return (
    <>
      <video ref={video} muted />
      <p>{state}</p>
    </>
  )
}

function hide(hidden: boolean) {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
  document.dispatchEvent(new Event('visibilitychange'))
}

it('is let go of while the page is hidden, and opened again when it is seen', async () => {
  const onCode = vi.fn()
  render(<Camera onCode={onCode} />)
  await screen.findByText('on')
  hide(true)
  expect(opened[0]!.stop).toHaveBeenCalledOnce()
  hide(false)
  await vi.waitFor(() => expect(opened).toHaveLength(2))
  detect = () => Promise.resolve([{ rawValue: 'code' }])
  await vi.waitFor(() => expect(onCode).toHaveBeenCalledWith('code'))
})

it('is let go of when the page is left', async () => {
  render(<Camera onCode={vi.fn()} />)
  await screen.findByText('on')
  cleanup()
  expect(opened[0]!.stop).toHaveBeenCalledOnce()
})

it('is let go of, and said to be missing, when looking fails', async () => {
  detect = () => Promise.reject(new Error('no decoder'))
  render(<Camera onCode={vi.fn()} />)
  await screen.findByText('missing')
  expect(opened[0]!.stop).toHaveBeenCalledOnce()
})

it('a decoder whose worker cannot start refuses what waits and what comes, and nothing waits for ever', async () => {
  const worker = Object.assign(new EventTarget(), { postMessage: vi.fn(), terminate: vi.fn() })
  vi.stubGlobal('BarcodeDetector', undefined)
  vi.stubGlobal('Worker', function Worker() {
    return worker
  })
  const image = { data: { buffer: new ArrayBuffer(4) }, width: 1, height: 1 }
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({ fillRect: vi.fn(), drawImage: vi.fn(), getImageData: () => image } as never)
  const decoder = await openDecoder()
  const waiting = decoder.decode(document.createElement('canvas'), 1, 1)
  worker.dispatchEvent(new Event('error'))
  await expect(waiting).rejects.toThrow('no decoder')
  await expect(decoder.decode(document.createElement('canvas'), 1, 1)).rejects.toThrow('no decoder')
})
