/** The parts of openapi.yaml that the reference draws; references are looked up as they are met. */
import specUrl from './openapi.generated.json?url'
import { queryOptions } from '@tanstack/react-query'

export interface Schema {
  $ref?: string
  type?: string
  format?: string
  description?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  nullable?: boolean
}

export interface Parameter {
  $ref?: string
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

interface Content {
  $ref?: string
  description?: string
  content?: Record<string, { schema?: Schema }>
}

export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security?: unknown[]
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content>
}

export interface Spec {
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

export const specQuery = queryOptions({
  queryKey: ['spec'],
  queryFn: async () => {
    const response = await fetch(specUrl)
    if (!response.ok) throw new TypeError('the reference could not be loaded')
    return (await response.json()) as Spec
  },
  staleTime: Infinity,
})

/** Follows `#/components/…`. */
export function resolve<T extends { $ref?: string }>(spec: Spec, node: T): T {
  const [, group, name] = /^#\/components\/(\w+)\/(.+)$/.exec(node.$ref ?? '') ?? []
  if (!group || !name) return node
  return (spec.components[group]?.[name] as T | undefined) ?? node
}

export interface Field {
  name: string
  schema: Schema
  required: boolean
}

/** The fields of an object, those of its parts included. */
export function fieldsOf(spec: Spec, schema: Schema): Field[] {
  const whole = resolve(spec, schema)
  const own = Object.entries(whole.properties ?? {}).map(([name, part]) => ({
    name,
    schema: part,
    required: whole.required?.includes(name) ?? false,
  }))
  return [...(whole.allOf ?? []).flatMap((part) => fieldsOf(spec, part)), ...own]
}

/** A type in few words: `integer, 1–…`, `array of Entry`, `pending | paid`. */
export function typeName(spec: Spec, schema: Schema): string {
  const name = /\/([^/]+)$/.exec(schema.$ref ?? '')?.[1]
  const whole = resolve(spec, schema)
  if (whole.enum) return whole.enum.map(String).join(' | ')
  if (whole.oneOf) return whole.oneOf.map((part) => typeName(spec, part)).join(' | ')
  if (whole.type === 'array' && whole.items) return `${typeName(spec, whole.items)}[]`
  if (whole.type === 'object' || whole.allOf) return name ?? 'object'
  const format = whole.format ? ` (${whole.format})` : ''
  return `${whole.type ?? 'any'}${format}${whole.nullable ? ' | null' : ''}`
}
