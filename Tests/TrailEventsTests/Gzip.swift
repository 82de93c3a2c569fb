import CDeflate

/// Compresses text as one gzip member.
func gzip(_ text: some Sequence<UInt8>) -> [UInt8] {
  let bytes = Array(text)
  let compressor = libdeflate_alloc_compressor(6)
  defer { libdeflate_free_compressor(compressor) }
  var output = [UInt8](repeating: 0, count: libdeflate_gzip_compress_bound(compressor, bytes.count))
  let count = libdeflate_gzip_compress(compressor, bytes, bytes.count, &output, output.count)
  return Array(output[..<count])
}

/// Compresses text as one gzip member.
func gzip(_ text: String) -> [UInt8] { gzip(text.utf8) }
