import Foundation
import Support

/// The tensors of a model in one file, or in several that an index beside them lists: safetensors, else what torch.save
/// writes.
public struct WeightFiles: Sendable {
  /// The file, or the index of several; for messages.
  public let path: String
  /// Of all files, by name, in the order of UTF-8 bytes.
  public internal(set) var tensors: [TensorDescription]
  let files: [any TensorFile]
  private let fileByName: [String: Int]
  /// The name in its file of each tensor that is called otherwise here.
  var realNames: [String: String] = [:]

  public static let fileName = "model.safetensors"

  /// A file of a model and the index of several that may stand in its place.
  private struct Format {
    let whole, index: String
    let open: @Sendable (String) throws(GraftError) -> any TensorFile
  }

  /// The first that a folder has is read.
  private static let formats = [
    Format(whole: fileName, index: "\(fileName).index.json") { (path) throws(GraftError) in try SafetensorsFile(path) },
    Format(whole: "pytorch_model.bin", index: "pytorch_model.bin.index.json") { (path) throws(GraftError) in
      try TorchFile(path)
    },
  ]

  /// What a folder has of these, one of them at least, if it has weights that are read.
  public static let names = formats.flatMap { [$0.whole, $0.index] }

  public init(_ file: any TensorFile) {
    path = file.path
    tensors = file.tensors
    files = [file]
    fileByName = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, 0) })
  }

  /// Opens `model.safetensors` of a folder, or the files that its `model.safetensors.index.json` lists; else
  /// `pytorch_model.bin`, or what its index lists.
  /// - Throws: `.missingInput` if a file is missing; `.badData` if the index and its files disagree.
  public init(folder: String) throws(GraftError) {
    for format in Self.formats {
      let (whole, index) = ("\(folder)/\(format.whole)", "\(folder)/\(format.index)")
      if FileContents.exists(whole) {
        self.init(try format.open(whole))
        return
      }
      if FileContents.exists(index) {
        try self.init(index: index, in: folder, format)
        return
      }
    }
    self.init(try SafetensorsFile("\(folder)/\(Self.fileName)"))
  }

  private init(index path: String, in folder: String, _ format: Format) throws(GraftError) {
    let stated = try JSONFile.read(Index.self, from: path).places
    var files: [any TensorFile] = []
    var fileByName: [String: Int] = [:]
    for name in Set(stated.values).sorted() {
      guard CheckpointFile.isPlainName(name) else {
        throw GraftError(
          .badData, "'\(path)' lists '\(name)', which is not a file name",
          hint: "the files of a model stand beside its index.")
      }
      let file = try Self.open(name, in: folder, format)
      for tensor in file.tensors {
        guard fileByName.updateValue(files.count, forKey: tensor.name) == nil else {
          throw GraftError(
            .badData, "tensor '\(tensor.name)' stands in two of the files of '\(path)'",
            hint: "the folder's files belong to different models.")
        }
      }
      files.append(file)
    }
    for (name, file) in stated.sorted(by: { $0.key < $1.key }) where fileByName[name] == nil {
      throw GraftError(
        .badData, "'\(path)' says that tensor '\(name)' is in '\(file)', where it is not",
        hint: "the folder may be incomplete; copy or save it again.")
    }
    self.path = path
    self.files = files
    self.fileByName = fileByName
    tensors = files.flatMap(\.tensors).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private static func open(
    _ name: String, in folder: String, _ format: Format
  ) throws(GraftError) -> any TensorFile {
    do {
      return try format.open("\(folder)/\(name)")
    } catch {
      var error = error
      if error.code == .missingInput { error.hint = "'\(format.index)' lists it; copy the whole folder." }
      throw error
    }
  }

  private struct Index: Decodable {
    /// The file of each tensor.
    var places: [String: String]

    enum CodingKeys: String, CodingKey {
      case places = "weight_map"
    }
  }

  public func contains(_ name: String) -> Bool { fileByName[realNames[name] ?? name] != nil }

  /// See `TensorFile.description(of:)`.
  public func description(of name: String) throws(GraftError) -> TensorDescription {
    try file(of: name).description(of: realNames[name] ?? name)
  }

  /// See `TensorFile.tensor(_:)`.
  public func tensor(_ name: String) throws(GraftError) -> LoadedTensor {
    try file(of: name).tensor(realNames[name] ?? name)
  }

  /// See `TensorFile.read(_:shape:into:)`.
  public func read(
    _ name: String, shape: [Int], into destination: UnsafeMutableBufferPointer<Float>
  ) throws(GraftError) {
    try file(of: name).read(realNames[name] ?? name, shape: shape, into: destination)
  }

  private func file(of name: String) throws(GraftError) -> any TensorFile {
    guard let index = fileByName[realNames[name] ?? name] else {
      throw GraftError(.badData, "'\(path)' has no tensor '\(name)'")
    }
    return files[index]
  }
}
