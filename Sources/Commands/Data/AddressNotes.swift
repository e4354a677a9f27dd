import Support

/// Addresses in a table as the name of a file and the number of a folder, which stands below: `train.tsv [1]`.
struct AddressNotes {
  private(set) var folders: [String] = []

  /// How a table has an address.
  mutating func short(_ address: String) -> String {
    guard let slash = address.lastIndex(of: "/") else { return address }
    let folder = String(address[...slash])
    let index = folders.exactIndex(of: folder) ?? folders.count
    if index == folders.count { folders.append(folder) }
    return "\(address[address.index(after: slash)...]) [\(index + 1)]"
  }

  /// What stands below the table: a line for each folder.
  var text: String {
    folders.enumerated().map { "[\($0.offset + 1)] \($0.element)\n" }.joined()
  }
}
