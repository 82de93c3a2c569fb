// Names of the C library that Foundation would otherwise shadow.

import Glibc

func testPipe(_ ends: inout [Int32]) -> Int32 { pipe(&ends) }
func testClose(_ descriptor: Int32) { close(descriptor) }
