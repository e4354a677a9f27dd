import Support

/// A file of a model's tensors as torch.save writes it, memory-mapped: tensors are read on request, and nothing that
/// its pickle names is run (`TorchName`). It is a zip archive with a pickle and a file per storage, or, before version
/// 1.6 of torch, several pickles with the storages behind them.
public final class TorchFile: TensorFile {
  public let path: String
  public let tensors: [TensorDescription]
  public var metadata: [String: String] { [:] }
  private let file: MappedFile
  private let indexByName: [String: Int]
  private let layouts: [TorchTensor]

  /// - Throws: `.missingInput` if there is no such file; `.badData` with what is wrong with it, or with the name that
  ///   its pickle has and Graft does not know.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    let file = try MappedFile(path)
    self.file = file
    let content = try file.withBytes { (bytes) throws(GraftError) in
      let kind = ForeignFile(bytes)
      guard kind == .zip || kind == .pickle else {
        throw (kind ?? .empty).error(path: path, wanted: "a file of tensors as torch.save writes them")
      }
      do throws(TorchDamage) {
        return kind == .zip ? try TorchContent(archive: bytes) : try TorchContent(pickles: bytes)
      } catch {
        throw GraftError(
          .badData, "'\(path)' is not a usable file of tensors: \(error.reason)",
          hint: error.hint ?? "it may be cut off or damaged; copy or save it again.")
      }
    }
    let ordered = content.tensors.sorted {
      $0.description.name.utf8.lexicographicallyPrecedes($1.description.name.utf8)
    }
    tensors = ordered.map(\.description)
    layouts = ordered.map(\.layout)
    indexByName = Dictionary(ordered.enumerated().map { ($1.description.name, $0) }) { first, _ in first }
    guard indexByName.count == tensors.count else {
      throw GraftError(
        .badData, "'\(path)' has a tensor twice: two have the same name",
        hint: "save the model's state_dict again.")
    }
  }

  public func index(of name: String) -> Int? { indexByName[name] }

  public func read(at index: Int, into destination: UnsafeMutableBufferPointer<Float>) {
    let (description, layout) = (tensors[index], layouts[index])
    file.withBytes { bytes in
      let content = UnsafeRawBufferPointer(rebasing: bytes[description.range])
      guard !layout.isContiguous else {
        description.type.widen(content, into: destination)
        return
      }
      let width = description.type.width
      withUnsafeTemporaryAllocation(byteCount: max(1, layout.count * width), alignment: 16) { rows in
        var place = 0
        layout.forEachElement { element in
          UnsafeMutableRawBufferPointer(rebasing: rows[place..<place + width]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: content[element * width..<(element + 1) * width]))
          place += width
        }
        description.type.widen(UnsafeRawBufferPointer(rebasing: rows[..<place]), into: destination)
      }
    }
  }
}
