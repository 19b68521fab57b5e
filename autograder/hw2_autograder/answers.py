"""The answers of section 2 as digests: a hand-in's process cannot import this file.

SHA-256 of each question's name and letter, so that the source does not give them away.
"""
question_1 = "ec7bf62a07c8987345e4931038672dd6b5bace384f0eccd6de3df1ceea3b402c"
question_2 = "d714a2158c619848b16cfe0b4724d302674e0dfc2f65aeac157b9461d2d088fd"
question_3 = "65040fb2d74011462fee4f2b37e7f6fca90e5677d23388fa348f00aacdca535b"
question_4 = "7521ea449249d08959026de6ee7e7ac0f101034e80db508295ffc72bb358541e"
question_5 = "319b85707f6a1c74d09f78806f3bf45669e3908a308fe8e880b7fd384c5a6453"
