import { type Accounts, signIn, tokenKeeper } from './gateway/accounts.ts'
import { HeldBack, openGateway, RequestFailed } from './gateway/gateway.ts'
import { pause, runArrivals } from './pacing/arrivals.ts'
import { type Figures, type Statistics, startStatistics } from './report/statistics.ts'
import { deleteCart } from './shop/cart.ts'
import { weighted } from './shop/choice.ts'
import { JOURNEYS } from './shop/journeys.ts'
import { anyPerson, type Person } from './shop/people.ts'
import { restocker } from './shop/restocking.ts'
import { type Journey, Leaving, type Shopper } from './shop/shopper.ts'

export type LoadOptions = {
  /** The address of the gateway, without a slash at the end. */
  url: string
  /** The mean number of journeys that begin per second. */
  rate: number
  /** Maximum number of journeys in progress. */
  shoppers: number
  accounts: Accounts
  /** Ends the arrivals of shoppers when aborted. Shoppers in the shop finish. */
  close: AbortSignal
  /** Also sends the shoppers away: each one leaves after its current request. */
  leave: AbortSignal
  /** How long a shopper looks at a page, at least and at most (ms); 200 to 1,000 by default. */
  look?: { least: number; most: number }
  /** Makes the person of each shopper; a random one by default. */
  person?: () => Person
}

/** A running load. */
export type Load = {
  /** The figures since the start. */
  figures: () => Figures
  /** Resolves when the last shopper has left. Rejects for a defect of a journey. */
  ended: Promise<void>
}

const USUAL_LOOK = { least: 200, most: 1_000 }
/** How often the load asks which services run (ms): usually, and while it knows of none. */
const SERVICES_INTERVAL = { usual: 30_000, unknown: 2_000 }
/** Carts that are left behind. A network may have 1,000, and they expire after seven days. */
const ABANDONED_CARTS = 50

/** Begins to play shoppers. Journeys whose services do not run, or whose account is missing, are left out. */
export function startLoad(options: LoadOptions): Load {
  const { rate, shoppers, close, leave } = options
  const statistics = startStatistics()
  const setting = openShop({ ...options, statistics })
  let defect: unknown

  async function visit() {
    const journey = weighted(await setting.journeys())
    if (!journey) return
    statistics.visitBegins()
    const end = await playJourney(journey, setting.shopper()).catch(error => {
      defect ??= error
      return 'failed'
    })
    statistics.visitEnds(end)
  }

  const arriving = runArrivals({
    perSecond: rate,
    most: shoppers,
    visit,
    dropped: statistics.dropped,
    signal: AbortSignal.any([close, leave])
  })
  const ended = arriving.then(() => {
    if (defect) throw defect
  })
  return { figures: statistics.figures, ended }
}

/** Plays a journey. Resolves with its end for the summary. Rejects for a defect. */
export async function playJourney(journey: Journey, shopper: Shopper): Promise<string> {
  try {
    return await journey.play(shopper)
  } catch (error) {
    if (error instanceof Leaving) return 'left early'
    if (error instanceof HeldBack || (error instanceof RequestFailed && error.isLimited)) return 'limited'
    if (error instanceof RequestFailed) return 'failed'
    throw error
  }
}

type ShopOptions = Pick<LoadOptions, 'url' | 'accounts' | 'leave' | 'look' | 'person'> & { statistics: Statistics }

/** The shop that the load visits: its journeys and its shoppers. */
type OpenShop = {
  /** The journeys that can be played now. */
  journeys: () => Promise<Journey[]>
  /** Makes a new shopper. */
  shopper: () => Shopper
}

/** Opens the shop at a gateway. */
export function openShop(options: ShopOptions): OpenShop {
  const { url, accounts, statistics, leave, look = USUAL_LOOK, person = anyPerson } = options
  const gateway = openGateway({ url, statistics })
  const call: Shopper['call'] = (...request) => {
    if (leave.aborted) return Promise.reject(new Leaving())
    return gateway.call(...request)
  }
  const { customer, staff } = accounts
  const carts: string[] = []
  let services: string[] = []
  let asking = Promise.resolve()
  let askedAt = Number.NEGATIVE_INFINITY

  const common = {
    call,
    customerToken: customer && tokenKeeper(call, customer),
    signIn: customer && (() => signIn(call, customer)),
    restock: staff ? restocker(call, tokenKeeper(call, staff)) : async () => undefined,
    has: (service: string) => services.includes(service),
    async look() {
      await pause(look.least + (look.most - look.least) * Math.random(), leave)
      if (leave.aborted) throw new Leaving()
    },
    async abandon(cart: string) {
      carts.push(cart)
      if (carts.length > ABANDONED_CARTS) await deleteCart({ call }, carts.shift()!)
    }
  }

  /** Keeps the last answer while the gateway is away, so that its absence shows as failed requests. */
  async function refresh() {
    const answer = await gateway.services().catch(() => [])
    if (answer.length > 0) services = answer
  }

  return {
    async journeys() {
      const interval = services.length > 0 ? SERVICES_INTERVAL.usual : SERVICES_INTERVAL.unknown
      if (performance.now() - askedAt > interval) {
        askedAt = performance.now()
        asking = refresh()
      }
      if (services.length === 0) await asking
      return JOURNEYS.filter(({ isForCustomers }) => customer || !isForCustomers).filter(({ needs }) =>
        needs.every(name => services.includes(name))
      )
    },
    shopper: () => ({ ...common, person: person() })
  }
}
