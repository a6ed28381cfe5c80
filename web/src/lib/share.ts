/** An image out of the app: by the share sheet where the device has one, else as a download. */

export async function shareImage(image: Blob, name: string, title: string): Promise<void> {
  const file = new File([image], name, { type: image.type })
  if (!navigator.canShare?.({ files: [file] })) return downloadFile(image, name)
  try {
    await navigator.share({ files: [file], title })
  } catch (error) {
    // A closed share sheet is a decision, not an error.
    if (!(error instanceof DOMException && error.name === 'AbortError')) downloadFile(image, name)
  }
}

/** Long enough for the browser to have taken the file. */
const REVOKE_AFTER_MS = 30_000

export function downloadFile(image: Blob, name: string) {
  const url = URL.createObjectURL(image)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS)
}

export function toPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image'))), 'image/png')
  })
}
