import * as z from 'zod'

type Schema = z.core.$ZodType
type Definition = z.core.$ZodTypes['_zod']['def']

/**
 * Returns a copy of a schema that refuses unknown fields, at any depth. Each object with unknown fields gives one issue
 * `unrecognized_keys`. Records, and objects that define their other fields (`z.looseObject`, `catchall`), accept the same fields as before.
 * Checks, defaults and transforms stay.
 */
export function strictSchema<S extends z.ZodType>(schema: S): S {
  // A schema may contain itself, so each one is copied once.
  const copies = new Map<Schema, Schema>()

  function strict(original: Schema): Schema {
    const copied = copies.get(original)
    if (copied) return copied
    const definition = original._zod.def as Definition
    const parts = partsOf(definition)
    const copy = parts ? z.core.clone(original, z.core.util.mergeDefs(definition, parts) as Definition) : original
    copies.set(original, copy)
    return copy
  }

  /** Returns the parts of a definition that contain schemas, with strict copies of those schemas; undefined if there are none. */
  function partsOf(definition: Definition): Partial<Definition> | undefined {
    switch (definition.type) {
      case 'object': {
        const { shape, catchall } = definition
        return {
          get shape() {
            return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, strict(field)]))
          },
          catchall: catchall ? strict(catchall) : z.never()
        }
      }
      case 'array':
        return { element: strict(definition.element) }
      case 'tuple':
        return { items: definition.items.map(strict), rest: definition.rest && strict(definition.rest) }
      case 'record':
      case 'map':
        return { valueType: strict(definition.valueType) }
      case 'union':
        return { options: definition.options.map(strict) }
      case 'intersection':
        return { left: strict(definition.left), right: strict(definition.right) }
      case 'lazy':
        return { getter: () => strict(definition.getter()) }
      case 'pipe':
        return strictPipe(definition)
      case 'optional':
      case 'nullable':
      case 'default':
      case 'prefault':
      case 'nonoptional':
      case 'readonly':
      case 'success':
      case 'promise':
        return { innerType: strict(definition.innerType) }
      default:
        return undefined
    }
  }

  /**
   * Makes the schema strict that reads a pipe's input. This is the first schema, or the second one if the first is a transform, such as
   * that of `z.preprocess`.
   */
  const strictPipe = ({ in: first, out }: z.core.$ZodPipeDef) =>
    first._zod.def.type === 'transform' ? { out: strict(out) } : { in: strict(first) }

  return strict(schema) as S
}
