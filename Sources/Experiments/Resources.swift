import Autograd
import Foundation
import ModelKit
import Support

/// Finds the tasks and presets that come with Graft: in the folder that `$GRAFT_HOME` names if it has them,
/// else within the executable.
public enum Resources {
  public static let homeVariable = "GRAFT_HOME"

  /// A folder of definitions.
  public static var tasks: String { folder("Tasks") }
  public static var presets: String { folder("Checkpoints/presets") }

  private static func folder(_ relative: String) -> String {
    let own = ProcessInfo.processInfo.environment[homeVariable].map { "\($0)/\(relative)" }
    guard let own, FileManager.default.fileExists(atPath: own) else { return BuiltInFiles.path(relative) }
    return own
  }

  public static var presetNames: [String] {
    let folder = presets
    let names =
      BuiltInFiles.isOne(folder)
      ? BuiltInFiles.paths(under: folder).map(Paths.name)
      : (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// A preset by name, or a file of the same form, for a vocabulary of a given size.
  public static func preset(_ name: String, vocabularySize: Int) throws(GraftError) -> TransformerConfiguration {
    let path: String
    if name.hasSuffix(".json") {
      path = name
    } else if presetNames.contains(name) {
      path = "\(presets)/\(name).json"
    } else {
      throw .unknownName("backbone", name, known: presetNames, list: "graft list backbones")
    }
    var content = try FileContents.read(path)
    if content.starts(with: byteOrderMark) { content.removeFirst(byteOrderMark.count) }
    let preset: Preset
    let keys: [String]
    do {
      preset = try JSONFile.value(Preset.self, in: content)
      keys = try JSONFile.value(KeyNames.self, in: content).names
    } catch {
      throw GraftError(
        .badData, "'\(path)' is not a backbone preset", location: SourceLocation(file: path), cause: error)
    }
    for key in keys where !Preset.CodingKeys.allCases.contains(where: { $0.rawValue == key }) {
      throw GraftError.unknownName(
        "key of a backbone preset", key, known: Preset.CodingKeys.allCases.map(\.rawValue),
        location: SourceLocation(file: path), code: .badData)
    }
    let configuration = preset.configuration(vocabularySize: vocabularySize)
    try configuration.validate(source: path)
    return configuration
  }
}

/// A preset: a model's configuration without its vocabulary.
private struct Preset: Decodable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case family, width, heads, headDimension, feedForward, encoderLayers, decoderLayers, activation
    case gated, tied, prefix, shared, embeddingWidth, generatorSize, nextSentence, initializerDeviation
    case epsilon, maximumLength, segments, relativeBuckets, relativeDistance
    case scalesAttention, scalesAttentionByLayer
  }

  var family: String
  var width: Int
  var heads: Int
  var headDimension: Int?
  var feedForward: Int
  var encoderLayers: Int?
  var decoderLayers: Int?
  var activation: Activation
  var gated: Bool?
  var tied: Bool?
  var prefix: Bool?
  var shared: Bool?
  var embeddingWidth: Int?
  var generatorSize: Double?
  var initializerDeviation: Double?
  var nextSentence: Bool?
  var epsilon: Double
  var maximumLength: Int?
  var segments: Int?
  var relativeBuckets: Int?
  var relativeDistance: Int?
  var scalesAttention: Bool?
  var scalesAttentionByLayer: Bool?

  func configuration(vocabularySize: Int) -> TransformerConfiguration {
    var configuration = TransformerConfiguration(
      family: family, width: width, heads: heads, headDimension: headDimension ?? width / max(1, heads),
      feedForward: feedForward, encoderLayers: encoderLayers ?? 0, decoderLayers: decoderLayers ?? 0,
      activation: activation, gated: gated ?? false, tied: tied ?? true, dropout: 0,
      epsilon: epsilon, maximumLength: maximumLength, vocabularySize: vocabularySize)
    (configuration.prefix, configuration.shared) = (prefix, shared)
    (configuration.embeddingWidth, configuration.generatorSize) = (embeddingWidth, generatorSize)
    configuration.initializerDeviation = initializerDeviation
    configuration.nextSentence = nextSentence
    configuration.segments = segments
    (configuration.relativeBuckets, configuration.relativeDistance) = (relativeBuckets, relativeDistance)
    configuration.scalesAttention = scalesAttention
    configuration.scalesAttentionByLayer = scalesAttentionByLayer
    return configuration
  }
}
