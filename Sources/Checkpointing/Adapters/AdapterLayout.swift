import ModelKit
import Support

/// Where the parts of an adapter lie in a file of PEFT's, for a model whose parameters a map knows: what the modules of
/// transformers are called, and how the outputs of one may be those of several layers of Graft's.
public struct AdapterLayout: Sendable {
  /// A linear layer of Graft's and the module whose outputs are, or hold, its own.
  struct Layer: Sendable {
    /// Our name of the matrix.
    let name: String
    /// The module's names, the usual one first.
    let modules: [String]
    let transform: ForeignKeyMap.Transform
  }

  let layers: [Layer]
  /// What is trained in full: our name, the foreign names, and how the tensors differ.
  let others: [ForeignKeyMap.Entry]

  /// - Parameters:
  ///   - parameters: of the model without an adapter.
  ///   - answers: whether its heads are trained with an adapter.
  public init(_ map: ForeignKeyMap, of parameters: [ParameterDeclaration], answers: Bool) {
    let linear = Set(parameters.filter(\.isLinear).map(\.name))
    let heads = Set(answers ? parameters.filter(\.isOfHead).map(\.name) : [])
    layers = map.entries.filter { linear.contains($0.name) }.map { entry in
      Layer(
        name: entry.name, modules: entry.foreign.map { LowRankAdaptation.layer(of: $0) }, transform: entry.transform)
    }
    others = map.entries.filter { heads.contains($0.name) }
  }

  static func tensor(_ module: String, _ part: String) -> String {
    "\(AdapterFolder.prefix)\(module)lora_\(part).weight"
  }

  /// Of the modules of a layer the one that a file adapts, if it does.
  func module(of layer: Layer, in weights: SafetensorsFile) -> String? {
    layer.modules.first { weights.contains(Self.tensor($0, "A")) }
  }

  /// The tensor of a file that a parameter that is trained in full comes from, if it is there.
  func tensor(of entry: ForeignKeyMap.Entry, in weights: SafetensorsFile) -> String? {
    entry.foreign.map { AdapterFolder.prefix + $0 }.first(where: weights.contains)
  }

  /// Rows of U as the module's weight has its outputs: as columns where it is stored [inputs, outputs].
  static func laidOut(_ up: LoadedTensor, as transform: ForeignKeyMap.Transform) -> LoadedTensor {
    transform.isTransposed ? up.transposed : up
  }
}

extension ForeignKeyMap.Transform {
  /// Whether it takes outputs of a module only, so that an adapter of the module is one of the layer.
  var keepsInputs: Bool { parts == 1 || isTransposed || rowGroups > 0 }
}

extension LoadedTensor {
  /// [columns, rows] of a matrix.
  var transposed: LoadedTensor {
    let (rows, columns) = (shape[0], shape[1])
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for column in 0..<columns { for row in 0..<rows { result.append(values[row * columns + column]) } }
    return LoadedTensor(shape: [columns, rows], values: result)
  }
}
