import type { Money } from '@bulkhead/chassis/core'

/*
 * The tables of shipping prices and tax rates. Prices in the shop include tax, as Directive 98/6/EC requires for consumers in Europe.
 * Countries without this tax have the same prices, with a tax of 0.
 */

export const shippingMethods = ['standard', 'express'] as const
export type ShippingMethod = (typeof shippingMethods)[number]

type Zone = 'home' | 'europe' | 'world'

/** The shipping zone and the standard tax rate of each country (ISO 3166-1 alpha-2). `tax` is in hundredths of a percent. */
const COUNTRIES: Record<string, { zone: Zone; tax: number }> = {
  DE: { zone: 'home', tax: 1900 },
  AT: { zone: 'europe', tax: 2000 },
  BE: { zone: 'europe', tax: 2100 },
  DK: { zone: 'europe', tax: 2500 },
  ES: { zone: 'europe', tax: 2100 },
  FI: { zone: 'europe', tax: 2550 },
  FR: { zone: 'europe', tax: 2000 },
  IE: { zone: 'europe', tax: 2300 },
  IT: { zone: 'europe', tax: 2200 },
  NL: { zone: 'europe', tax: 2100 },
  PL: { zone: 'europe', tax: 2300 },
  PT: { zone: 'europe', tax: 2300 },
  SE: { zone: 'europe', tax: 2500 },
  CH: { zone: 'world', tax: 0 },
  GB: { zone: 'world', tax: 0 },
  US: { zone: 'world', tax: 0 }
}

/** Shipping prices in minor units, the same for each currency. Standard shipping is free if the goods cost at least `free`. */
const SHIPPING: Record<Zone, Record<ShippingMethod, number> & { free: number }> = {
  home: { standard: 490, express: 1290, free: 5_000 },
  europe: { standard: 990, express: 2490, free: 10_000 },
  world: { standard: 1990, express: 4990, free: 25_000 }
}

export const currencies = ['EUR', 'USD', 'GBP'] as const

/** The countries that the shop delivers to. */
export const countries = Object.keys(COUNTRIES) as [string, ...string[]]

/** Returns the price of shipping goods of this value to a country. `country` is one of `countries`. */
export function shippingPrice(country: string, method: ShippingMethod, { amount, currency }: Money): Money {
  const { free, ...prices } = SHIPPING[COUNTRIES[country]!.zone]
  return { amount: method === 'standard' && amount >= free ? 0 : prices[method], currency }
}

/** Returns the tax rate in hundredths of a percent. `country` is one of `countries`. */
export const taxRate = (country: string) => COUNTRIES[country]!.tax
