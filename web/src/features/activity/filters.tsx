import { Trans, useLingui } from '@lingui/react/macro'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { CalendarDays, Search, X } from 'lucide-react'
import { useEffect, useState, type FormEvent } from 'react'
import { EARLIEST_DAY, useRangeCheck, type DayRange } from '@/components/day-range.ts'
import { Button, IconButton } from '@/components/ui/button.tsx'
import { Chip } from '@/components/ui/choice.tsx'
import { Sheet } from '@/components/ui/sheet.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { formText } from '@/lib/form.ts'
import { useLocale } from '@/lib/locale.ts'
import type { EntryFilter } from '@/lib/queries.ts'
import { jakartaDay } from '@/lib/days.ts'
import { formatTime } from '@/lib/time.ts'

const route = getRouteApi('/signed-in/tabs/activity')

/** A pause in typing after which the search is asked for. */
const TYPING_PAUSE_MS = 300

function useFilter() {
  const filter = route.useSearch()
  const navigate = useNavigate()
  const change = (next: Partial<EntryFilter>, replace = true) => void navigate({ to: '/activity', search: { ...filter, ...next }, replace, resetScroll: false })
  return { filter, change }
}

export function Filters() {
  const { filter, change } = useFilter()
  return (
    <div className="grid min-w-0 gap-3">
      <SearchField />
      <div className="-mx-5 flex gap-2 overflow-x-auto px-5 py-1">
        <Chip pressed={!filter.direction && !filter.kind} onClick={() => change({ direction: undefined, kind: undefined })}>
          <Trans>All</Trans>
        </Chip>
        <Chip pressed={filter.direction === 'in'} onClick={() => change({ direction: filter.direction === 'in' ? undefined : 'in' })}>
          <Trans>Money in</Trans>
        </Chip>
        <Chip pressed={filter.direction === 'out'} onClick={() => change({ direction: filter.direction === 'out' ? undefined : 'out' })}>
          <Trans>Money out</Trans>
        </Chip>
        <Chip pressed={filter.kind === 'transfer'} onClick={() => change({ kind: filter.kind === 'transfer' ? undefined : 'transfer' })}>
          <Trans>Transfers</Trans>
        </Chip>
        <Chip pressed={filter.kind === 'topup'} onClick={() => change({ kind: filter.kind === 'topup' ? undefined : 'topup' })}>
          <Trans>Top-ups</Trans>
        </Chip>
        <DateChip />
      </div>
    </div>
  )
}

function SearchField() {
  const { t } = useLingui()
  const [text, setText] = useSearchText()
  return (
    <div className="relative">
      <Search className="pointer-events-none absolute top-1/2 left-4 size-5 -translate-y-1/2 text-ink3" aria-hidden="true" />
      <input
        type="search"
        value={text}
        maxLength={100}
        aria-label={t`Search name, number or note`}
        placeholder={t`Search name, number or note`}
        onChange={(event) => setText(event.target.value)}
        className="block min-h-12 w-full min-w-0 rounded-md border border-outline bg-surface pr-12 pl-12 text-ink placeholder:text-ink3"
      />
      {text && (
        <IconButton label={t`Clear the search`} onClick={() => setText('')} className="absolute top-1/2 right-1 -translate-y-1/2">
          <X className="size-5" />
        </IconButton>
      )}
    </div>
  )
}

/** What is typed, asked for after a pause. A link, the tab or Back changes the address: then the field follows it. */
function useSearchText() {
  const { filter, change } = useFilter()
  const [text, setText] = useState(filter.q ?? '')
  const [seen, setSeen] = useState(filter.q)
  const [mine, setMine] = useState(filter.q)
  if (filter.q !== seen) {
    setSeen(filter.q)
    if (filter.q !== mine) {
      setMine(filter.q)
      setText(filter.q ?? '')
    }
  }
  useEffect(() => {
    const wanted = text.trim() || undefined
    if (wanted === filter.q) return
    const timer = setTimeout(() => {
      setMine(wanted)
      change({ q: wanted })
    }, TYPING_PAUSE_MS)
    return () => clearTimeout(timer)
  })
  return [text, setText] as const
}

function DateChip() {
  const { t } = useLingui()
  const locale = useLocale()
  const { filter, change } = useFilter()
  const [open, setOpen] = useState(false)
  const { from, to } = filter
  // Another year than this one is said.
  const thisYear = jakartaDay().slice(0, 4)
  const day = (value: string) => formatTime(value, value.startsWith(thisYear) ? 'shortDay' : 'day', locale)
  const label = from && to ? `${day(from)} – ${day(to)}` : from ? t`Since ${day(from)}` : to ? t`Until ${day(to)}` : t`Dates`
  return (
    <>
      <Chip pressed={Boolean(from ?? to)} onClick={() => setOpen(true)}>
        <span className="inline-flex items-center gap-2">
          <CalendarDays className="size-4" aria-hidden="true" />
          {label}
        </span>
      </Chip>
      <Sheet title={t`Range of days`} open={open} onClose={() => setOpen(false)}>
        <DateForm
          from={from}
          to={to}
          onRange={(range) => {
            change(range)
            setOpen(false)
          }}
        />
      </Sheet>
    </>
  )
}

export function DateForm({ from, to, onRange }: DayRange & { onRange: (range: DayRange) => void }) {
  const { t } = useLingui()
  const { errors, check } = useFormCheck()
  const rangeErrors = useRangeCheck()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const range = { from: formText(form, 'from') || undefined, to: formText(form, 'to') || undefined }
    if (check(event.currentTarget, { ...rangeErrors(range) })) onRange(range)
  }
  return (
    <form noValidate onSubmit={submit} className="grid gap-4">
      <div className="grid grid-cols-2 gap-3">
        <TextField type="date" name="from" label={t`From`} defaultValue={from} min={EARLIEST_DAY} max={jakartaDay()} error={errors.from} />
        <TextField type="date" name="to" label={t({ context: 'day', message: 'To' })} defaultValue={to} min={EARLIEST_DAY} max={jakartaDay()} error={errors.to} />
      </div>
      <Button type="submit" size="lg">
        <Trans>Show</Trans>
      </Button>
      <Button look="quiet" size="lg" onClick={() => onRange({ from: undefined, to: undefined })}>
        <Trans>All days</Trans>
      </Button>
    </form>
  )
}
