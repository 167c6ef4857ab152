package generate

// The words that values are made of. Their order is part of the generated world: a word added anywhere makes other
// records, and the golden test says so. Nothing writes to the tables; they are read through functions because Go has
// no constant lists and to build one at each call would cost more than the rest of a record.

func women() []string { return womenWords[:] }

var womenWords = [...]string{
	"Aaliyah", "Abigail", "Adriana", "Agnieszka", "Aisha", "Alejandra", "Alice", "Amara", "Amelia", "Amy",
	"Ana", "Andrea", "Angela", "Anita", "Anna", "Astrid", "Beatriz", "Brenda", "Camille", "Carla", "Carmen",
	"Caroline", "Catherine", "Chiara", "Chloe", "Claire", "Clara", "Cynthia", "Deborah", "Diana", "Elena",
	"Eleanor", "Elif", "Emily", "Emma", "Esther", "Eva", "Fatima", "Fiona", "Florence", "Gabriela", "Grace",
	"Hanna", "Hannah", "Heather", "Helen", "Imani", "Ingrid", "Irene", "Isabel", "Jana", "Jessica", "Joanna",
	"Julia", "Karen", "Katherine", "Keiko", "Laila", "Laura", "Leila", "Linda", "Lucia", "Lucy", "Madison",
	"Magdalena", "Margaret", "Maria", "Marta", "Mei", "Melissa", "Michelle", "Mina", "Monica", "Nadia", "Naomi",
	"Natalie", "Nicole", "Nina", "Noor", "Nora", "Olga", "Olivia", "Patricia", "Paula", "Petra", "Priya",
	"Rachel", "Rebecca", "Rosa", "Ruth", "Samira", "Sara", "Sharon", "Shreya", "Sofia", "Stephanie", "Susan",
	"Tamara", "Teresa", "Valentina", "Vanessa", "Victoria", "Yasmin", "Yuki", "Zoe",
}

func men() []string { return menWords[:] }

var menWords = [...]string{
	"Aaron", "Adam", "Ahmed", "Alan", "Alberto", "Alejandro", "Alexander", "Ali", "Andre", "Andrew", "Anthony",
	"Antonio", "Arjun", "Arthur", "Benjamin", "Brandon", "Brian", "Bruno", "Carlos", "Charles", "Christopher",
	"Connor", "Daniel", "Darius", "David", "Dennis", "Diego", "Dmitri", "Edward", "Elias", "Emmanuel",
	"Enrique", "Eric", "Ethan", "Farid", "Felix", "Fernando", "Francisco", "Frank", "Gabriel", "George",
	"Gregory", "Hassan", "Henrik", "Henry", "Hiroshi", "Hugo", "Ibrahim", "Isaac", "Ivan", "Jack", "Jacob",
	"James", "Jason", "Javier", "Jerome", "Joel", "John", "Jonathan", "Jorge", "Jose", "Joseph", "Joshua",
	"Julian", "Justin", "Karim", "Keith", "Kenji", "Kevin", "Kofi", "Kwame", "Lars", "Leon", "Liam", "Louis",
	"Luca", "Lukas", "Malik", "Marco", "Marcus", "Mark", "Martin", "Mateo", "Matthew", "Michael", "Miguel",
	"Mohammed", "Nathan", "Nikhil", "Noah", "Oliver", "Omar", "Oscar", "Patrick", "Paul", "Pedro", "Peter",
	"Philip", "Pierre", "Rafael", "Rahul", "Raymond", "Ricardo", "Richard", "Robert", "Samuel", "Sanjay",
	"Sebastian", "Sergio", "Simon", "Stefan", "Stephen", "Thomas", "Tomasz", "Victor", "Vikram", "William",
	"Xavier", "Yusuf", "Zachary",
}

func businessTitles() []string { return businessTitlesWords[:] }

var businessTitlesWords = [...]string{
	"Account Manager", "Business Analyst", "Chief Executive Officer", "Chief Financial Officer",
	"Chief Information Officer", "Chief Operating Officer", "Chief Technology Officer", "Co-founder",
	"Customer Success Manager", "Data Analyst", "Director of Finance", "Director of IT",
	"Director of Marketing", "Director of Operations", "Director of Sales", "E-commerce Manager",
	"Engineering Manager", "Facilities Manager", "Founder", "General Manager", "Head of Customer Support",
	"Head of Digital", "Head of Growth", "Head of Operations", "Head of Procurement", "Head of Sales",
	"HR Manager", "IT Manager", "Managing Director", "Marketing Manager", "Office Manager",
	"Operations Manager", "Owner", "Plant Manager", "Product Manager", "Project Manager", "Purchasing Manager",
	"Regional Sales Manager", "Sales Manager", "Sales Operations Analyst", "Supply Chain Manager",
	"Vice President of Marketing", "Vice President of Operations", "Vice President of Sales",
}

// Companies are made of two words instead of taken from gofakeit, whose companies are real: a made-up lead that has "gone to a competitor" should be nobody.
func companyStarts() []string { return companyStartsWords[:] }

var companyStartsWords = [...]string{
	"Alder", "Amberlight", "Anchor", "Arbor", "Ashford", "Aspen", "Aurora", "Beacon", "Birchwood", "Blackwood",
	"Blue Heron", "Bluepeak", "Bridgeport", "Brightwater", "Brookfield", "Cardinal", "Cascade", "Cedar Ridge",
	"Clearwater", "Cobalt", "Copperfield", "Cornerstone", "Crestline", "Crossway", "Cypress", "Eastgate",
	"Elmwood", "Ember", "Evergreen", "Fairmont", "Falcon", "Fernhill", "Firefly", "Foxglove", "Garnet",
	"Glacier", "Golden Oak", "Granite", "Graystone", "Greenfield", "Harbor", "Hawthorne", "Hazel", "Highland",
	"Hollow Creek", "Ironbridge", "Ivy", "Juniper", "Kestrel", "Keystone", "Lakeshore", "Larkspur", "Laurel",
	"Lighthouse", "Linden", "Lodestar", "Longview", "Maple Grove", "Marigold", "Meridian", "Mesa", "Midland",
	"Millstone", "Moonrise", "Nimbus", "Northstar", "Oakridge", "Obsidian", "Old Mill", "Opal", "Orchard",
	"Osprey", "Pebble", "Pinecrest", "Pioneer", "Polaris", "Prairie", "Quarry", "Quartz", "Redwood",
	"Ridgeline", "Riverbend", "Rockport", "Rosewood", "Saffron", "Sagebrush", "Sandstone", "Sapphire",
	"Sequoia", "Silver Birch", "Southfield", "Sparrow", "Stonegate", "Summit", "Sunfield", "Sycamore",
	"Tamarack", "Thornton", "Tidewater", "Timberline", "Trident", "Twin Rivers", "Vantage", "Verdant", "Vista",
	"Walnut", "Westbrook", "Whitestone", "Wildflower", "Willow", "Windward", "Wren",
}

func companyEnds() []string { return companyEndsWords[:] }

var companyEndsWords = [...]string{
	"Analytics", "Associates", "Capital", "Consulting", "Controls", "Data", "Design", "Devices", "Digital",
	"Dynamics", "Engineering", "Enterprises", "Equipment", "Freight", "Health", "Holdings", "Industries",
	"Instruments", "Labs", "Logistics", "Manufacturing", "Materials", "Media", "Networks", "Optics",
	"Packaging", "Partners", "Power", "Research", "Robotics", "Services", "Software", "Solutions", "Supply",
	"Systems", "Technologies", "Textiles", "Tools", "Ventures", "Works",
}

func streets() []string { return streetsWords[:] }

var streetsWords = [...]string{
	"1st Avenue", "2nd Street", "5th Avenue", "9th Street", "Adams Street", "Bay Street", "Birch Lane",
	"Bridge Street", "Broadway", "Canal Street", "Cedar Street", "Center Street", "Cherry Street",
	"Chestnut Street", "Church Street", "College Avenue", "Commerce Drive", "Congress Street", "Depot Road",
	"Elm Street", "Enterprise Way", "Franklin Avenue", "Front Street", "Grand Avenue", "Harbor Drive",
	"Harrison Street", "High Street", "Highland Avenue", "Hill Road", "Industrial Parkway", "Jackson Boulevard",
	"Jefferson Avenue", "Lake Street", "Lincoln Avenue", "Madison Street", "Main Street", "Maple Avenue",
	"Market Street", "Mill Road", "Monroe Street", "Oak Street", "Orchard Road", "Park Avenue", "Pearl Street",
	"Pine Street", "Pleasant Street", "Prospect Avenue", "Railroad Avenue", "Ridge Road", "River Road",
	"School Street", "South Street", "Spring Street", "State Street", "Sunset Boulevard", "Technology Drive",
	"Union Street", "Valley Road", "Walnut Street", "Washington Street", "Water Street", "West Street",
	"Willow Street",
}

func phraseStarts() []string { return phraseStartsWords[:] }

var phraseStartsWords = [...]string{
	"Annual", "Autumn", "Customer", "Field", "Monthly", "New", "Northern", "Pilot", "Primary", "Quarterly",
	"Regional", "Second", "Southern", "Spring", "Standard", "Weekly",
}

func phraseEnds() []string { return phraseEndsWords[:] }

var phraseEndsWords = [...]string{
	"account", "audit", "campaign", "catalogue", "contract", "follow-up", "order", "outline", "overview",
	"plan", "program", "renewal", "report", "review", "rollout", "schedule", "summary", "survey", "trial",
	"workshop",
}
