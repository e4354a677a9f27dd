import Support

extension WordNet {
  /// What one word can be to another.
  public enum Relation: String, Sendable, Hashable, CaseIterable {
    /// It means the same; is more general by one step or two; is more special by one step; means the opposite.
    case synonym, hypernym, hyponym, antonym
    /// Another of the same kind that excludes it: cat and dog.
    case coHyponym = "co-hyponym"
  }

  /// Single words that stand in a relation to a base form, both in their most frequent sense, in alphabetical order.
  ///
  /// Co-hyponyms are taken where things of one kind exclude each other: animals, artefacts, parts of the body, food,
  /// plants and substances, under a kind with no more than 25 members; none that is an ancestor of the other or
  /// shares a meaning with it in any sense.
  public func words(_ relation: Relation, of lemma: String, _ part: PartOfSpeech) throws(GraftError)
    -> [String]
  {
    guard let sense = try senses(lemma, part).first else { return [] }
    let own = try synset(sense)
    var found: Set<ByteString> = []
    switch relation {
    case .synonym: found.formUnion(try mainWords(of: own))
    case .hypernym:
      for pointer in own.pointers where pointer.symbol == "@" {
        let above = try synset(pointer.target)
        found.formUnion(try mainWords(of: above))
        for next in above.pointers where next.symbol == "@" {
          found.formUnion(try mainWords(of: synset(next.target)))
        }
      }
      // What is called a hypernym of everything says nothing: a thing, an entity, an object.
      found.subtract(["entity", "object", "thing", "unit", "whole", "matter", "abstraction", "group", "part"])
    case .hyponym:
      for pointer in own.pointers where pointer.symbol == "~" {
        found.formUnion(try mainWords(of: synset(pointer.target)))
      }
    case .antonym:
      for pointer in own.pointers
      where pointer.symbol == "!"
        && (pointer.sourceWord == 0
          || own.words.indices.contains(pointer.sourceWord - 1)
            && own.words[pointer.sourceWord - 1].lowercased().isExactly(lemma))
      {
        let words = try synset(pointer.target).words
        let isOne = words.indices.contains(pointer.targetWord - 1)
        found.formUnion((isOne ? [words[pointer.targetWord - 1]] : words).map { ByteString($0) })
      }
    case .coHyponym:
      guard Self.exclusiveKinds.contains(own.lexicographerFile) else { return [] }
      let meanings = try meanings(of: lemma, part)
      for pointer in own.pointers where pointer.symbol == "@" {
        let members = try synset(pointer.target).pointers.filter { $0.symbol == "~" }
        guard members.count <= 25 else { continue }
        for member in members where member.target != sense {
          for word in try mainWords(of: synset(member.target)) where try isApart(word, from: meanings, part) {
            found.insert(word)
          }
        }
      }
    }
    found.remove(ByteString(lemma))
    return found.map(\.text).filter { $0.unicodeScalars.allSatisfy { ("a"..."z").contains($0) } }
      .sortedByBytes
  }

  private static let exclusiveKinds: Set<Int> = [5, 6, 8, 13, 20, 27]

  /// The words of a set that have it as their first sense.
  private func mainWords(of synset: Synset) throws(GraftError) -> [ByteString] {
    var words: [ByteString] = []
    for word in synset.words where try senses(word.lowercased(), synset.id.partOfSpeech).first == synset.id {
      words.append(ByteString(word))
    }
    return words
  }

  /// Every sense of a word, and everything above each.
  private func meanings(of lemma: String, _ part: PartOfSpeech) throws(GraftError) -> (
    own: Set<SynsetID>, all: Set<SynsetID>
  ) {
    let own = Set(try senses(lemma, part))
    var all = own
    var waiting = Array(own)
    while let next = waiting.popLast() {
      for pointer in try synset(next).pointers
      where pointer.symbol == "@" && all.insert(pointer.target).inserted {
        waiting.append(pointer.target)
      }
    }
    return (own, all)
  }

  /// Whether no sense of a word is one of another, or above one, or below one.
  private func isApart(
    _ word: ByteString, from other: (own: Set<SynsetID>, all: Set<SynsetID>), _ part: PartOfSpeech
  ) throws(GraftError) -> Bool {
    let meanings = try meanings(of: word.text, part)
    return meanings.all.isDisjoint(with: other.own) && other.all.isDisjoint(with: meanings.own)
  }
}
