/** The middle of a sample. */
export function median(sample: readonly number[]): number {
  const sorted = [...sample].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * How likely two samples differ as much as these where they come from one distribution: the two-sided p of the rank-sum test
 * of Mann and Whitney, by its normal approximation with the correction for ties, which serves from 20 values on.
 */
export function mannWhitney(one: readonly number[], other: readonly number[]): number {
  const all = [
    ...one.map((value) => ({ value, isOne: true })),
    ...other.map((value) => ({ value, isOne: false })),
  ].sort((a, b) => a.value - b.value)
  const [n, m, total] = [one.length, other.length, all.length]
  let [rankSum, ties] = [0, 0]
  for (let start = 0; start < total;) {
    let end = start
    while (end < total && all[end]!.value === all[start]!.value) end++
    // Those that are equal share the mean of their ranks.
    const rank = (start + 1 + end) / 2
    for (const { isOne } of all.slice(start, end)) rankSum += isOne ? rank : 0
    ties += (end - start) ** 3 - (end - start)
    start = end
  }
  const u = rankSum - (n * (n + 1)) / 2
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)))
  if (variance === 0) return 1
  return twoSided((u - (n * m) / 2) / Math.sqrt(variance))
}

/** The probability of a standard normal value farther from 0 (Abramowitz and Stegun 7.1.26, to 1.5e-7). */
function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const series = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429]
  return series.reduce((sum, factor, power) => sum + factor * t ** (power + 1), 0) * Math.exp(-x * x)
}
