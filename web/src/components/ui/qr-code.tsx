import { encode } from 'uqr'
import { useMemo } from 'react'

/** Four light modules around the code, as ISO 18004 asks. */
const QUIET_MODULES = 4

/** A QR code as one path: always dark on white, because scanners need it in the dark theme too. */
export function QrCode({ text, label, className }: { text: string; label: string; className?: string }) {
  const { path, size } = useMemo(() => draw(text), [text])
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} className={className} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" rx="2" />
      <path d={path} fill="#131a2d" />
    </svg>
  )
}

function draw(text: string) {
  const { data, size } = encode(text, { border: QUIET_MODULES, ecc: 'M' })
  let path = ''
  data.forEach((row, y) => row.forEach((dark, x) => dark && (path += `M${x} ${y}h1v1h-1z`)))
  return { path, size }
}
