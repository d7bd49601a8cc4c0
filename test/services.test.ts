import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isCreation, type Operation } from '@bulkhead/chassis/operation'
import * as z from 'zod'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const common = read('packages/chassis/README.md')

for (const folder of globSync('services/*', { cwd: root })) {
  const source = (name: string) => join(root, folder, 'src', name)

  describe(`the service ${basename(folder)}`, () => {
    it('names in its README each variable that it reads', async () => {
      const [config] = Object.values(await import(source('config.ts')))
      assert.ok(config instanceof z.ZodObject)
      const readme = read(join(folder, 'README.md')) + common
      const variables = Object.keys(config.shape)
      assert.ok(variables.includes('PORT'))
      assert.deepEqual(
        variables.filter(name => !readme.includes(`\`${name}\``)),
        []
      )
    })

    const operationsFile = source('operations.ts')
    if (!existsSync(operationsFile)) return
    it('can read what it creates where the Location of a 201 says it is', async () => {
      const { allOperations } = (await import(operationsFile)) as { allOperations: Operation[] }
      const reads = allOperations
        .filter(({ method }) => method === 'get')
        .map(({ path }) => path.replaceAll(/\{\w+\}/g, '{}'))
      for (const { path } of allOperations.filter(isCreation)) {
        assert.ok(reads.includes(`${path.replaceAll(/\{\w+\}/g, '{}')}/{}`), path)
      }
    })

    it('has examples that its operations take', async () => {
      const { allOperations } = (await import(operationsFile)) as { allOperations: Operation[] }
      const withExample = allOperations.filter(({ example }) => example !== undefined)
      for (const { id, body, example } of withExample) assert.ok(body?.safeParse(example).success, id)
    })
  })
}
