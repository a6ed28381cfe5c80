import { useLingui } from '@lingui/react/macro'
import { classNames } from '@/lib/class-names.ts'

/** A place held for what is loading, of the size that it will have. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={classNames('block animate-shimmer rounded-sm bg-line', className)} />
}

/** Rows of the height of a list row; announced once as loading. */
export function SkeletonRows({ rows = 4 }: { rows?: number }) {
  const { t } = useLingui()
  return (
    <div role="status" aria-label={t`Loading`}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex min-h-17 items-center gap-3 px-4 py-3">
          <Skeleton className="size-11 shrink-0 rounded-full" />
          <span className="grid grow gap-2">
            <Skeleton className="h-4 w-2/5" />
            <Skeleton className="h-3 w-1/4" />
          </span>
          <Skeleton className="h-4 w-20" />
        </div>
      ))}
    </div>
  )
}
