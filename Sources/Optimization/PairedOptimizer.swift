import Support

/// Two optimizers beside each other: one for the parameters it takes, its companion for the rest.
///
/// The companion's options begin with its name (`adamw.beta2`); `adamw.rate` is its rate as a multiple of the scheduled
/// one.
final class PairedOptimizer: Optimizer, @unchecked Sendable {
  // The two update disjoint parameters.
  let resolvedOptions: OptimizerOptions
  let units: [OptimizerUnit]
  private let first: any Optimizer
  private let second: any Optimizer

  init(
    _ type: any NamedOptimizer.Type, with companion: any NamedOptimizer.Type, parameters: [TrainedParameter],
    options: OptimizerOptions
  ) throws(GraftError) {
    let prefix = companion.identifier + "."
    var (own, others) = (OptimizerOptions(), OptimizerOptions())
    for (name, value) in options.values {
      if name.hasPrefix(prefix) {
        others.values[String(name.dropFirst(prefix.count))] = value
      } else {
        own.values[name] = value
      }
    }
    let usual = companion.defaultRates.pretraining / type.defaultRates.pretraining
    let rate = OptimizerOption.number(
      "rate", default: usual, .closed(0...1e6), "rate of \(companion.identifier), as a multiple of the scheduled one")
    let factor = try OptimizerOptions(others.values.filter { $0.key == rate.name })
      .resolved(for: companion.identifier, declared: [rate])
    others.values[rate.name] = nil
    first = try type.init(parameters: parameters.filter { type.takes($0.entry) }, options: own)
    second = try companion.init(
      parameters: parameters.filter { !type.takes($0.entry) }.map { parameter in
        var scaled = parameter
        scaled.rateFactor *= factor.number(rate.name)
        return scaled
      }, options: others)
    units = first.units + second.units
    var resolved = first.resolvedOptions
    for (name, value) in second.resolvedOptions.values.merging(factor.values, uniquingKeysWith: { $1 }) {
      resolved.values[prefix + name] = value
    }
    resolvedOptions = resolved
  }

  var state: [OptimizerState] { first.state + second.state }

  func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    if unit < first.units.count {
      first.apply(update, toUnit: unit, work)
    } else {
      second.apply(update, toUnit: unit - first.units.count, work)
    }
  }
}
