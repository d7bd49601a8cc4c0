import { BODY_LIMIT, type Upload } from '@bulkhead/chassis/contract'
import { type InvalidPlace, invalidInput } from '@bulkhead/chassis/core'
import { bodyReader, escapePointer } from '@bulkhead/chassis/http'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Logger } from 'pino'
import { closed } from './closed-schema.ts'
import type { ApiOperation, Components } from './contracts.ts'

/** What an operation takes, by its contract. The checks throw a 400 that names every wrong or unknown place. */
export type StrictInput = {
  checkQuery(search: string): void
  /** `types` are the media types by which JSON may be sent: a merge patch has one of its own. */
  json?: { types: string[]; read: ReturnType<typeof bodyReader>; check(value: unknown): void }
  upload?: Upload
}

const JSON_TYPE = 'application/json'
const MOST_PLACES = 20
/** Of an enumeration, in a message. */
const MOST_VALUES = 20

/** Formats are left to the service, whose library reads them; a schema is our own services' and needs no check. */
const OPTIONS = {
  strict: false,
  validateSchema: false,
  meta: false,
  validateFormats: false,
  allErrors: true,
  verbose: true
} as const

/**
 * Makes what checks the input of a contract's operations. Schemas are compiled when first used. One that can't be is logged, and
 * its part left to the service: a fault in a contract must not take an operation away.
 */
export function strictInputs(components: Components, log: Logger) {
  function checker(part: 'query' | 'body', schema: object, operation: string) {
    let validate: ValidateFunction | undefined
    return (value: unknown) => {
      validate ??= compile(part, schema, operation)
      if (!validate(value)) throw invalidInput(places(part, validate.errors ?? []))
    }
  }

  function compile(part: 'query' | 'body', schema: object, operation: string): ValidateFunction {
    // What is referred to stands below "components", and is closed by who refers to it.
    const schemas = closed({ $defs: components.schemas ?? {} }).$defs
    const whole = { ...closed({ ...schema }), components: { schemas } }
    try {
      // The text of a query's value is read as the number or the truth value that its schema names.
      return new Ajv2020({ ...OPTIONS, coerceTypes: part === 'query' }).compile(whole)
    } catch (error) {
      log.error({ err: error, operation, part }, 'its schema can not be compiled')
      return (() => true) as unknown as ValidateFunction
    }
  }

  return ({ operationId, parameters, requestBody, ...described }: ApiOperation): StrictInput => {
    const query = parameters.filter(parameter => parameter.in === 'query')
    const querySchema = {
      type: 'object',
      properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])),
      required: query.filter(({ required }) => required).map(({ name }) => name)
    }
    const check = checker('query', querySchema, operationId)
    const checkQuery = (search: string) => {
      if (search !== '' || querySchema.required.length > 0) check(readQuery(search))
    }
    const limit = described['x-body-limit'] ?? BODY_LIMIT
    const content = requestBody?.content ?? {}
    const types = Object.keys(content)
    if (types.length === 0) return { checkQuery }
    const media = content[JSON_TYPE]
    if (!media) return { checkQuery, upload: { type: types[0] as Upload['type'], limit } }
    const checkBody = checker('body', media.schema ?? {}, operationId)
    return { checkQuery, json: { types, read: bodyReader(limit), check: checkBody } }
  }
}

/** Throws a 400 for a name that comes twice: services differ in which one they take. */
function readQuery(search: string): object {
  const query: Record<string, string> = Object.create(null)
  // It drops one leading question mark, which may be the first character of a name.
  for (const [name, value] of new URLSearchParams(`?${search}`)) {
    if (name in query) throw invalidInput([{ pointer: `/query/${escapePointer(name)}`, detail: 'It is given twice' }])
    query[name] = value
  }
  return query
}

const places = (part: string, errors: ErrorObject[]): InvalidPlace[] =>
  errors.slice(0, MOST_PLACES).map(error => {
    const { additionalProperty, unevaluatedProperty, missingProperty } = error.params
    const field: string | undefined = additionalProperty ?? unevaluatedProperty ?? missingProperty
    const place = field === undefined ? '' : `/${escapePointer(field)}`
    return { pointer: `/${part}${error.instancePath}${place}`, detail: detailOf(error) }
  })

/** What is wrong, in the service's own words where its contract has them. */
function detailOf({ keyword, params, message = 'must be valid', parentSchema }: ErrorObject): string {
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'It is not known'
  if (keyword === 'enum') return `Must be one of ${params.allowedValues.slice(0, MOST_VALUES).join(', ')}`
  if (keyword === 'const') return `Must be ${params.allowedValue}`
  const own = keyword === 'pattern' && parentSchema?.['x-pattern-message']
  return typeof own === 'string' ? own : message.replace(/^m/, 'M')
}
