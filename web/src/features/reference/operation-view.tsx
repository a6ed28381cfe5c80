import { Trans } from '@lingui/react/macro'
import { ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { withCode } from './inline-code.tsx'
import { fieldsOf, resolve, typeName, type Operation, type Schema, type Spec } from './spec.ts'

const METHOD_LOOKS: Record<string, string> = {
  GET: 'bg-primary-soft text-primary',
  POST: 'bg-gain-soft text-gain',
  PUT: 'bg-soga-soft text-soga-ink',
  PATCH: 'bg-soga-soft text-soga-ink',
  DELETE: 'bg-loss-soft text-loss',
}

interface Props {
  spec: Spec
  method: string
  path: string
  operation: Operation
}

/** One operation, folded: what it takes, and what it answers. */
export function OperationView({ spec, method, path, operation }: Props) {
  const body = operation.requestBody?.content?.['application/json']?.schema
  return (
    <details id={operation.operationId} className="group min-w-0 rounded-lg border border-line bg-surface">
      <summary className="flex min-h-14 items-center gap-3 px-4 py-3">
        <span className={`w-16 shrink-0 rounded-xs py-1 text-center text-xs font-bold ${METHOD_LOOKS[method] ?? ''}`}>{method}</span>
        <span className="min-w-0 grow">
          <code className="block font-mono text-sm font-semibold">{path}</code>
          <span className="block text-sm text-ink3">{operation.summary}</span>
        </span>
        <ChevronDown className="size-5 shrink-0 text-ink3 transition-transform duration-150 group-open:rotate-180" aria-hidden="true" />
      </summary>
      <div className="grid gap-5 border-t border-line px-4 py-4 text-sm">
        {operation.description && <p className="text-ink2">{withCode(operation.description)}</p>}
        <p className="text-ink3">{operation.security?.length === 0 ? <Trans>Public: needs no access token.</Trans> : <Trans>Needs an access token.</Trans>}</p>
        <Parameters spec={spec} operation={operation} />
        {body && (
          <Part title={<Trans>Body</Trans>}>
            <Fields spec={spec} schema={body} />
          </Part>
        )}
        <Responses spec={spec} operation={operation} />
      </div>
    </details>
  )
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-1.5 font-bold">{title}</h3>
      {children}
    </div>
  )
}

function Parameters({ spec, operation }: { spec: Spec; operation: Operation }) {
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(spec, parameter))
  if (parameters.length === 0) return null
  return (
    <Part title={<Trans>Parameters</Trans>}>
      <dl className="grid gap-2">
        {parameters.map((parameter) => (
          <Row key={parameter.name} name={parameter.name} type={`${parameter.in} · ${typeName(spec, parameter.schema ?? {})}`} required={parameter.required ?? false} text={parameter.description} />
        ))}
      </dl>
    </Part>
  )
}

function Fields({ spec, schema }: { spec: Spec; schema: Schema }) {
  const whole = resolve(spec, schema)
  if (whole.oneOf) return whole.oneOf.map((part, index) => <Fields key={index} spec={spec} schema={part} />)
  return (
    <dl className="mb-3 grid gap-2">
      {fieldsOf(spec, schema).map((field) => (
        <Row key={field.name} name={field.name} type={typeName(spec, field.schema)} required={field.required} text={resolve(spec, field.schema).description} />
      ))}
    </dl>
  )
}

function Row({ name, type, required, text }: { name: string; type: string; required: boolean; text: string | undefined }) {
  return (
    <div className="min-w-0">
      <dt className="flex flex-wrap items-baseline gap-x-2">
        <code className="font-mono font-semibold">{name}</code>
        <span className="min-w-0 font-mono text-xs text-ink3">{type}</span>
        {!required && (
          <span className="text-xs text-ink3">
            <Trans>optional</Trans>
          </span>
        )}
      </dt>
      {text && <dd className="text-ink3">{withCode(text)}</dd>}
    </div>
  )
}

function Responses({ spec, operation }: { spec: Spec; operation: Operation }) {
  return (
    <Part title={<Trans>Answers</Trans>}>
      <ul className="grid gap-3">
        {Object.entries(operation.responses).map(([status, node]) => {
          const response = resolve(spec, node)
          const schema = response.content?.['application/json']?.schema
          return (
            <li key={status} className="min-w-0">
              <p>
                <code className={`font-mono font-bold ${status < '400' ? 'text-gain' : 'text-loss'}`}>{status}</code> <span className="text-ink2">{withCode(response.description ?? '')}</span>
              </p>
              {schema && (
                <div className="mt-1.5 border-l-2 border-line pl-3">
                  <Fields spec={spec} schema={schema} />
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </Part>
  )
}
