/// Which tensors a file of torch.save has and where they lie in it.
struct TorchContent {
  private(set) var tensors: [(description: TensorDescription, layout: TorchTensor)] = []

  /// Of an archive: `NAME/data.pkl` beside `NAME/data/KEY` for each storage.
  init(archive bytes: UnsafeRawBufferPointer) throws(TorchDamage) {
    let entries = try StoredArchive(bytes).entries
    let pickles = entries.keys.filter { name in
      name.hasSuffix("/data.pkl") && name.utf8.count { $0 == UInt8(ascii: "/") } == 1
    }
    guard pickles.count == 1, let name = pickles.first, let range = entries[name] else {
      throw TorchDamage("it is a zip archive with \(pickles.count) files 'data.pkl' in its folder, not one")
    }
    let folder = name.dropLast("data.pkl".count)
    if let order = entries["\(folder)byteorder"], !bytes[order].elementsEqual("little".utf8) {
      throw TorchDamage("its numbers are not little-endian")
    }
    var pickle = Pickle(UnsafeRawBufferPointer(rebasing: bytes[range]), at: 0)
    let root = try pickle.read()
    try take(pickle, root) { (storage) throws(TorchDamage) in
      guard let place = entries["\(folder)data/\(storage.key)"] else {
        throw TorchDamage("its storage '\(storage.key)' is missing")
      }
      return place
    }
  }

  /// 0x1950a86a20f9469cfc6c, the number that torch.save put before everything.
  private static let mark: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Of pickles one after another: the mark, a version, the machine, the tensors and the keys of the storages, behind
  /// which these follow, each with its number of elements first.
  init(pickles bytes: UnsafeRawBufferPointer) throws(TorchDamage) {
    var pickle = Pickle(bytes, at: 0)
    guard try pickle.read() == .bytes(Self.mark), try pickle.read() == .integer(1001) else {
      throw TorchDamage("it is a pickle, but not one of torch.save")
    }
    guard case .dictionary(let machine) = try pickle.read(),
      pickle.dictionaries[machine].contains(where: { $0 == (.text("little_endian"), .boolean(true)) })
    else { throw TorchDamage("its numbers are not little-endian") }
    let root = try pickle.read()
    let places = try Self.places(&pickle, bytes)
    try take(pickle, root) { (storage) throws(TorchDamage) in
      guard let place = places[storage.key] else { throw TorchDamage("its storage '\(storage.key)' is missing") }
      guard place.width == storage.type.width else {
        throw TorchDamage("its storage '\(storage.key)' has elements of two sizes")
      }
      return place.range
    }
  }

  /// Where the storages lie that the last pickle lists.
  private static func places(
    _ pickle: inout Pickle, _ bytes: UnsafeRawBufferPointer
  ) throws(TorchDamage) -> [String: (range: Range<Int>, width: Int)] {
    let known = Dictionary(pickle.storages.map { ($0.key, $0.type.width) }) { first, _ in first }
    let keys = try pickle.read()
    let source = LittleEndianBytes(bytes)
    var places: [String: (range: Range<Int>, width: Int)] = [:]
    var place = pickle.place
    for key in try pickle.sequence(keys) {
      guard case .text(let key) = key, let width = known[key] else {
        throw TorchDamage("it lists a storage that no tensor has")
      }
      let count = try source.integer(place)
      let (size, overflows) = count.multipliedReportingOverflow(by: width)
      guard !overflows else { throw TorchDamage("its storage '\(key)' has \(count) elements") }
      let range = try source.range(place + 8, count: size)
      places[key] = (range, width)
      place = range.upperBound
    }
    return places
  }

  /// - Parameter place: the bytes of a storage.
  private mutating func take(
    _ pickle: Pickle, _ root: PickleValue, place: (TorchStorage) throws(TorchDamage) -> Range<Int>
  ) throws(TorchDamage) {
    for (name, tensor) in try pickle.namedTensors(root) {
      let storage = pickle.storages[tensor.storage]
      let bytes = try place(storage)
      let width = storage.type.width
      guard storage.count <= bytes.count / width else {
        throw TorchDamage(
          "its storage '\(storage.key)' of \(storage.count) elements has \(bytes.count) bytes of \(width) each")
      }
      // The tensor lies within its storage, which lies within the file: nothing overflows.
      let first = bytes.lowerBound + (tensor.count == 0 ? 0 : tensor.offset * width)
      let description = TensorDescription(
        name: name, type: storage.type, shape: tensor.shape, range: first..<first + tensor.reach * width)
      tensors.append((description, tensor))
    }
  }
}

extension TorchTensor {
  /// Calls `body` with the place of every element, counted from the first, in row-major order.
  func forEachElement(_ body: (Int) -> Void) {
    guard count > 0 else { return }
    var indices = [Int](repeating: 0, count: shape.count)
    var element = 0
    while true {
      body(element)
      var axis = shape.count - 1
      while axis >= 0 {
        indices[axis] += 1
        element += strides[axis]
        if indices[axis] < shape[axis] { break }
        element -= shape[axis] * strides[axis]
        indices[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
