// From files to a checked repository. The stages, each of which goes on past mistakes so that one run reports all:
//
//     text ─► YAML trees ─► documents (kind, id, shape) ─► lists, ids ─► decoded rules ─► checked against each other

import EventPatterns

extension RuleRepository {
  /// Reads the rule files of folders and files and checks them together.
  ///
  /// `-` is standard input. A folder stands for every `*.yaml` and `*.yml` in it and below, except names that begin with `_` or `.`,
  /// `signalbox.yaml`, and folders named `fixtures`.
  public static func load(_ paths: [String]) -> LoadResult {
    let folder = RuleFolder(paths: paths)
    var loader = RuleLoader()
    loader.log.append(folder.log.diagnostics)
    return loader.load(folder.files, others: .onDisk(folder.folders))
  }

  /// The `_defaults.yaml` files outside of the paths that count for what is loaded from them, whether or not they are
  /// there; for whoever watches the rules for changes.
  package static func defaultsOutside(_ paths: [String]) -> [String] { RuleFolder.defaultsOutside(paths) }

  /// Checks rule files that have been read already; fixtures and scripts are read from where the files say they are.
  public static func load(_ files: [SourceFile]) -> LoadResult {
    var loader = RuleLoader()
    return loader.load(files, others: .onDisk(files.map { $0.folder.isEmpty ? "." : $0.folder }))
  }

  /// Checks rule files; fixtures and scripts are read by a function.
  package static func load(
    _ files: [SourceFile],
    readFile: (String) throws(FileProblem) -> [UInt8]
  ) -> LoadResult {
    withoutActuallyEscaping(readFile) { readFile in
      var loader = RuleLoader()
      return loader.load(files, others: RepositoryFiles(read: readFile))
    }
  }
}

/// The loading of one repository.
struct RuleLoader {
  var log = DiagnosticLog()
  private var documents: [RuleDocument] = []
  private var defaults: [String: FolderDefaults] = [:]

  mutating func load(
    _ files: [SourceFile],
    others: RepositoryFiles
  ) -> RuleRepository.LoadResult {
    for file in files { read(file) }
    let ids = collectIDs()
    var context = DecodingContext(lists: collectLists(), ids: ids, files: others)
    let locations = Dictionary(files.map { ($0.path, $0.location) }) { first, _ in first }
    let set = DecodedSet(
      documents,
      defaultsOf: { Self.defaults(for: locations[$0] ?? $0, in: defaults) },
      &context
    )
    set.checkReferences(&context)
    log.append(context.log.diagnostics)
    var result = RuleRepository.LoadResult(
      repository: nil,
      diagnostics: log.diagnostics.inReadingOrder(),
      files: files.filter { !$0.isInherited }.map(\.path)
    )
    result.documents = documents
    result.scalarsForLists = context.scalarsForLists
    result.used = context.used
    result.rules = set.rules
    if !result.diagnostics.containsError {
      result.repository = RuleRepository(
        rules: set.rules,
        targets: set.targets,
        actions: set.actions,
        lists: set.lists,
        hash: RuleSetHash.of(documents, set.rules, scripts: set.scripts(others.read))
      )
    }
    return result
  }

  // MARK: Reading

  private mutating func read(_ file: SourceFile) {
    let yaml = YAMLFile(reading: file.bytes, name: file.path)
    log.append(yaml.diagnostics)
    for node in yaml.documents {
      if file.isDefaults {
        readDefaults(node, folder: file.locationFolder)
      } else if let document = RuleDocument(node, &log) {
        documents.append(document)
      }
    }
  }

  private mutating func readDefaults(_ node: YAMLNode, folder: String) {
    var checker = ShapeChecker()
    checker.check(node, against: .defaults)
    log.append(checker.log.diagnostics)
    defaults[folder] = FolderDefaults(
      owner: node["owner"]?.text,
      tags: node["tags"]?.texts ?? [],
      maxStage: node["max-stage"]?.word()
    )
  }

  /// What the folders of a file add: the nearest owner, all tags, the lowest ceiling.
  private static func defaults(for file: String, in folders: [String: FolderDefaults]) -> FolderDefaults {
    var sum = FolderDefaults()
    for (folder, defaults) in folders.sorted(by: { $0.key.utf8.count < $1.key.utf8.count }) {
      // Without a folder it is the current one: above all paths that do not leave it.
      let isAbove = folder.isEmpty ? !file.hasPrefix("/") && !file.hasPrefix("../") : file.hasPrefix(folder)
      guard isAbove else { continue }
      sum.owner = defaults.owner ?? sum.owner
      sum.tags += defaults.tags.filter { !sum.tags.contains($0) }
      sum.maxStage = [sum.maxStage, defaults.maxStage].compactMap(\.self).min()
    }
    return sum
  }

  // MARK: Ids and lists

  private mutating func collectIDs() -> [DocumentKind: Set<String>] {
    var places: [DocumentKind: [String: SourcePosition]] = [:]
    for document in documents {
      guard let id = document.id else { continue }
      if let first = places[document.kind]?[id] {
        let message = "there are two documents of kind \(document.kind.rawValue) with the id '\(id)'"
        log.report(.duplicateID, at: document.idPosition, message, hint: "the other is at \(first); rename one")
      } else {
        places[document.kind, default: [:]][id] = document.idPosition
      }
    }
    return places.mapValues { Set($0.keys) }
  }

  private mutating func collectLists() -> [String: [YAMLNode]] {
    var lists: [String: [YAMLNode]] = [:]
    for document in documents where document.kind == .list {
      guard let id = document.id else { continue }
      let items = document.node["items"]?.itemsOrSelf ?? []
      for item in items {
        guard let name = item.firstListReference else { continue }
        let hint = "write the items of '\(name)' here, or name both lists in the pattern"
        log.report(.invalidValue, at: item.position, "a list cannot hold another list", hint: hint)
      }
      lists[id] = items.filter { $0.firstListReference == nil }
    }
    return lists
  }
}

extension YAMLNode {
  /// The first list that a scalar in the tree names.
  fileprivate var firstListReference: String? {
    switch content {
    case .scalar(let scalar): scalar.listReference
    case .sequence(let items): items.lazy.compactMap(\.firstListReference).first
    case .mapping(let members): members.lazy.compactMap(\.value.firstListReference).first
    }
  }
}
