import { type InvalidPlace, invalidInput } from '@bulkhead/chassis/core'
import { escapePointer } from '@bulkhead/chassis/http'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Logger } from 'pino'
import type { ApiOperation, Components } from '../routing/contracts.ts'
import { closeSchema } from './closed-schema.ts'

/** Checks the input of an operation by its contract. Each check throws a 400 that names every wrong or unknown field. */
export type InputChecks = {
  /** Takes the query without its question mark. */
  checkQuery(search: string): void
  checkBody(value: unknown): void
}

const JSON_TYPE = 'application/json'
/** The most errors in an answer. */
const MAX_ERRORS = 20
/** The most values of an enumeration in a message. */
const MAX_VALUES = 20

/** The service checks formats. Schemas come from our own services and need no check. */
const OPTIONS = {
  strict: false,
  validateSchema: false,
  meta: false,
  validateFormats: false,
  allErrors: true,
  verbose: true
} as const

/**
 * Makes the input checks of a contract's operations. A schema is compiled when it is first used. If that fails, the error is logged and
 * only the service checks: a fault in a contract must not take an operation away.
 */
export function inputChecks(components: Components, log: Logger) {
  function checker(part: 'query' | 'body', schema: object, operation: string) {
    let validate: ValidateFunction | undefined
    return (value: unknown) => {
      validate ??= compile(part, schema, operation)
      if (!validate(value)) throw invalidInput(placesOf(part, validate.errors ?? []))
    }
  }

  function compile(part: 'query' | 'body', schema: object, operation: string): ValidateFunction {
    // A component is closed by the schema that refers to it.
    const schemas = closeSchema({ $defs: components.schemas ?? {} }).$defs
    const whole = { ...closeSchema({ ...schema }), components: { schemas } }
    try {
      // A value of a query is text, read as the number or boolean that its schema names.
      return new Ajv2020({ ...OPTIONS, coerceTypes: part === 'query' }).compile(whole)
    } catch (error) {
      log.error({ err: error, operation, part }, 'Cannot compile the schema of an input')
      return (() => true) as unknown as ValidateFunction
    }
  }

  return ({ operationId, parameters, requestBody }: ApiOperation): InputChecks => {
    const query = parameters.filter(parameter => parameter.in === 'query')
    const querySchema = {
      type: 'object',
      properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])),
      required: query.filter(({ required }) => required).map(({ name }) => name)
    }
    const check = checker('query', querySchema, operationId)
    return {
      checkQuery(search) {
        if (search !== '' || querySchema.required.length > 0) check(readQuery(search))
      },
      checkBody: checker('body', requestBody?.content[JSON_TYPE]?.schema ?? {}, operationId)
    }
  }
}

/** Throws a 400 if a name comes twice: services differ in which value they take. */
function readQuery(search: string): object {
  const query: Record<string, string> = Object.create(null)
  // URLSearchParams drops one leading question mark, which may be the first character of a name.
  for (const [name, value] of new URLSearchParams(`?${search}`)) {
    if (name in query) throw invalidInput([{ pointer: `/query/${escapePointer(name)}`, detail: 'It is given twice' }])
    query[name] = value
  }
  return query
}

const placesOf = (part: string, errors: ErrorObject[]): InvalidPlace[] =>
  errors.slice(0, MAX_ERRORS).map(error => {
    const { additionalProperty, unevaluatedProperty, missingProperty } = error.params
    const field: string | undefined = additionalProperty ?? unevaluatedProperty ?? missingProperty
    const place = field === undefined ? '' : `/${escapePointer(field)}`
    return { pointer: `/${part}${error.instancePath}${place}`, detail: detailOf(error) }
  })

/** Describes an error, in the words of the service if its contract has them. */
function detailOf({ keyword, params, message = 'must be valid', parentSchema }: ErrorObject): string {
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'It is not known'
  if (keyword === 'enum') return `Must be one of ${params.allowedValues.slice(0, MAX_VALUES).join(', ')}`
  if (keyword === 'const') return `Must be ${params.allowedValue}`
  const ownMessage = keyword === 'pattern' && parentSchema?.['x-pattern-message']
  return typeof ownMessage === 'string' ? ownMessage : message.replace(/^m/, 'M')
}
