import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Page } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { withCode } from './inline-code.tsx'
import { OperationView } from './operation-view.tsx'
import { specQuery, type Operation, type Spec } from './spec.ts'

/** The API reference, drawn from openapi.yaml itself; its own text is English, as the contract is. */
export function ReferencePage() {
  const { t } = useLingui()
  const { data: spec, error, refetch } = useQuery(specQuery)
  return (
    <Page title={t`API reference`} backTo="/account">
      {spec && <Reference spec={spec} />}
      {!spec && error === null && <Skeleton className="h-96 w-full rounded-lg" />}
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
    </Page>
  )
}

function Reference({ spec }: { spec: Spec }) {
  return (
    <div className="grid min-w-0 gap-10 rail:grid-cols-[12rem_minmax(0,1fr)]">
      <Contents spec={spec} />
      <div className="min-w-0" lang="en">
        <Description text={spec.info.description} />
        {spec.tags.map((tag) => (
          <section key={tag.name} id={slug(tag.name)} className="scroll-mt-4 pt-8">
            <h2 className="text-xl first-letter:uppercase">{tag.name}</h2>
            <p className="mt-1 mb-4 text-ink3">{tag.description}</p>
            <div className="grid gap-3">
              {operationsOf(spec, tag.name).map(([method, path, operation]) => (
                <OperationView key={operation.operationId} spec={spec} method={method} path={path} operation={operation} />
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}

function Contents({ spec }: { spec: Spec }) {
  const { t } = useLingui()
  return (
    <nav aria-label={t`Contents`} className="min-w-0 rail:sticky rail:top-4 rail:self-start">
      <p className="mb-1 text-sm font-semibold text-ink3">
        <Trans>Version {spec.info.version}</Trans>
      </p>
      <ul className="flex flex-wrap gap-x-4 rail:block" lang="en">
        {spec.tags.map((tag) => (
          <li key={tag.name}>
            <a href={`#${slug(tag.name)}`} className="inline-flex min-h-11 items-center font-medium text-primary underline-offset-4 hover:underline">
              <span className="first-letter:uppercase">{tag.name}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** The contract's introduction: paragraphs, and lists whose items start with a dash. */
function Description({ text }: { text: string }) {
  const blocks = text.trim().split(/\n\n+/)
  return (
    <div className="grid gap-3 text-ink2">
      {blocks.map((block) =>
        block.startsWith('- ') ? (
          <ul key={block} className="grid list-disc gap-1.5 pl-5">
            {block.split(/\n?- /).filter(Boolean).map((item) => <li key={item}>{withCode(item)}</li>)}
          </ul>
        ) : (
          <p key={block}>{withCode(block)}</p>
        ),
      )}
    </div>
  )
}

function operationsOf(spec: Spec, tag: string): [string, string, Operation][] {
  return Object.entries(spec.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags?.includes(tag))
      .map(([method, operation]): [string, string, Operation] => [method.toUpperCase(), path, operation]),
  )
}

function slug(name: string): string {
  return name.replaceAll(' ', '-')
}
