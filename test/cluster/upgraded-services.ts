import { join } from 'node:path'
import { readStack } from '../../packages/cli/src/services/stack.ts'
import { only } from '../only.ts'
import { upgradeName } from './parts/upgrades.ts'

// Prints the services whose upgrades ONLY chooses. They need the image of a next release.
const { services } = readStack(join(import.meta.dirname, '../..'), 4000)
const upgrades = services.map(({ name }) => ({ name: upgradeName(name), service: name }))
console.log(
  only(upgrades)
    .map(({ service }) => service)
    .join(' ')
)
