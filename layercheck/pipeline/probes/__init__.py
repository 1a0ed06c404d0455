"""Further questions to a layer whose cases pass: is anything kept from one call to the next?"""
