"""Further questions to a layer whose cases pass: does it keep anything from one call to the next?"""
