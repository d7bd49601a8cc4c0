import { idSchema, textSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { attributeName } from '../text.ts'

export const familyId = idSchema('fam')

const attributeFields = { name: attributeName, required: z.boolean().default(false) }

const areDistinct = (texts: string[]) => new Set(texts).size === texts.length

const attribute = z.discriminatedUnion('type', [
  z.object({ ...attributeFields, type: z.enum(['text', 'number', 'boolean']) }),
  z.object({
    ...attributeFields,
    type: z.literal('choice'),
    choices: z.array(textSchema(255)).min(1).max(200).refine(areDistinct, 'Must differ')
  })
])

const haveOwnNames = (attributes: { name: string }[]) => areDistinct(attributes.map(({ name }) => name))

/** The fields of a family that staff edits: its name and the attributes of its products. */
export const newFamily = z.object({
  name: textSchema(100),
  attributes: z.array(attribute).max(200).refine(haveOwnNames, 'Must have different names').default([])
})

export const family = newFamily.extend({ id: familyId, version: z.int().min(1) })

type NewFamily = z.infer<typeof newFamily>
export type FamilyAttribute = z.infer<typeof attribute>

/** A family as it is stored. The API shows it with its version. */
export type Family = NewFamily & { id: string }
