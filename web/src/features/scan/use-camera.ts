import { useEffect, useRef, useState, type RefObject } from 'react'
import { openDecoder } from './decoder.ts'

export type CameraState = 'starting' | 'on' | 'denied' | 'missing'

/** Ten looks a second find a code as fast as a hand can hold it still. */
const LOOK_EVERY_MS = 100

/** Watches through the camera until a code is seen; lets go of it when the page is left or hidden, or when looking fails. */
export function useCamera(onCode: (text: string) => void): [RefObject<HTMLVideoElement | null>, CameraState] {
  const video = useRef<HTMLVideoElement>(null)
  const report = useRef(onCode)
  const [state, setState] = useState<CameraState>('starting')
  useEffect(() => {
    report.current = onCode
  }, [onCode])
  useEffect(() => {
    let stop = new AbortController()
    const start = () => {
      const mine = (stop = new AbortController())
      watch(video.current!, (text) => report.current(text), () => setState('on'), mine.signal).catch((error: unknown) => {
        if (!mine.signal.aborted) setState(error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing')
        mine.abort()
      })
    }
    const follow = () => {
      if (document.hidden) stop.abort()
      else if (stop.signal.aborted) start()
    }
    start()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      stop.abort()
    }
  }, [])
  return [video, state]
}

async function watch(video: HTMLVideoElement, onCode: (text: string) => void, onStart: () => void, signal: AbortSignal) {
  // Without a secure context there is no mediaDevices at all.
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices
  if (!devices) throw new Error('no camera')
  const stream = await devices.getUserMedia({ video: { facingMode: 'environment' }, audio: false })
  const release = () => stream.getTracks().forEach((track) => track.stop())
  if (signal.aborted) return release()
  signal.addEventListener('abort', release)
  video.srcObject = stream
  await video.play()
  onStart()
  const decoder = await openDecoder()
  signal.addEventListener('abort', () => decoder.close())
  while (!signal.aborted) {
    const text = video.readyState >= 2 ? await decoder.decode(video, video.videoWidth, video.videoHeight) : null
    if (text !== null && !signal.aborted) onCode(text)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
