import assert from 'node:assert/strict'
import { RANGES } from '../../src/view/ranges.ts'
import { viewAnswers } from '../../src/view/server/answers.ts'
import { wellData } from './view-data.ts'

describe('the answers of the view', () => {
  const [range, otherRange] = RANGES as [(typeof RANGES)[0], (typeof RANGES)[0]]
  let [now, asked, isFailing] = [0, 0, false]
  const collect = async () => {
    asked += 1
    if (isFailing) throw new Error('no connection')
    return wellData({ at: now })
  }

  beforeEach(() => {
    ;[now, asked, isFailing] = [0, 0, false]
  })

  it('are asked for again only after some seconds, for each range', async () => {
    const answerTo = viewAnswers({ collect, clock: () => now, say: () => undefined })
    await answerTo(range)
    now = 3_999
    assert.equal((await answerTo(range)).data?.at, 0)
    assert.equal((await answerTo(otherRange)).data?.at, 3_999)
    now = 4_000
    assert.equal((await answerTo(range)).data?.at, 4_000)
    assert.equal(asked, 3)
  })

  it('keep the last data of the range while Prometheus does not answer, and then get new ones', async () => {
    const answerTo = viewAnswers({ collect, clock: () => now, say: () => undefined })
    await answerTo(range)
    isFailing = true
    for (now = 5_000; now <= 10_000; now += 5_000) {
      const { data, problem } = await answerTo(range)
      assert.deepEqual({ at: data?.at, problem }, { at: 0, problem: 'Prometheus does not answer' })
    }
    isFailing = false
    assert.deepEqual(await answerTo(range), { data: wellData({ at: 15_000 }) })
  })

  it('report the reason of each failure once', async () => {
    const said: string[] = []
    const answerTo = viewAnswers({ collect, clock: () => now, say: line => said.push(line) })
    for (const failing of [true, true, false, true]) {
      isFailing = failing
      now += 5_000
      await answerTo(range)
    }
    const line = 'The view gets no data from Prometheus: no connection'
    assert.deepEqual(said, [line, line])
  })
})
